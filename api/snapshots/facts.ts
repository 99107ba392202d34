import { eq, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { hotStatement } from '#db/client.ts'
import type { SnapshotFacts } from '#db/rules/snapshot-capabilities.ts'
import { snapshotFacts } from '#db/rules/snapshot-facts.ts'
import { vmNotFound } from '#db/rules/vm-refusal.ts'
import { vms } from '#db/schema/vm.ts'
import { selectSnapshotRows } from '#db/snapshot-rows.ts'

const rowsOf = hotStatement((drizzle) =>
  selectSnapshotRows(drizzle)
    .where(eq(vms.id, sql.placeholder('id')))
    .prepare('snapshot_facts'),
)

/** What decides which snapshots of a VM can be taken, as its node last reported it. Throws `not_found`. */
export async function readSnapshotFacts(
  { database, maxSnapshots }: Pick<Deps, 'database' | 'maxSnapshots'>,
  vmId: string,
): Promise<SnapshotFacts> {
  const [found] = await rowsOf(database).execute({ id: vmId })
  if (!found) throw vmNotFound(vmId)
  return snapshotFacts(found, maxSnapshots)
}
