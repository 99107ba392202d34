import { and, eq, ne, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { vmNotFound } from '#api/vms/service.ts'
import { hotStatement } from '#db/client.ts'
import { recordedColumns, unfinished } from '#db/operations/record.ts'
import type { SnapshotFacts } from '#db/rules/snapshot-capabilities.ts'
import { snapshotFacts } from '#db/rules/snapshot-facts.ts'
import { nodes } from '#db/schema/node.ts'
import { operations } from '#db/schema/operation.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import { vms } from '#db/schema/vm.ts'

const rowsOf = hotStatement((drizzle) =>
  drizzle
    .select({
      vm: vms,
      operation: recordedColumns,
      node: nodes,
      snapshotCount: drizzle.$count(snapshots, and(eq(snapshots.vmId, vms.id), ne(snapshots.state, 'FAILED'))),
    })
    .from(vms)
    .innerJoin(nodes, eq(nodes.id, vms.nodeId))
    .leftJoin(operations, and(eq(operations.vmId, vms.id), unfinished))
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
