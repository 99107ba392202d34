import { and, eq, ne, sql } from 'drizzle-orm'
import { type Database, type Drizzle, hotStatement } from './client.ts'
import { recordedColumns, unfinished } from './operations/record.ts'
import type { SnapshotFacts } from './rules/snapshot-capabilities.ts'
import { snapshotFacts } from './rules/snapshot-facts.ts'
import { vmNotFound } from './rules/vm-refusal.ts'
import { nodes } from './schema/node.ts'
import { operations } from './schema/operation.ts'
import { snapshots } from './schema/snapshot.ts'
import { vms } from './schema/vm.ts'

/** The current snapshot and those that it came from, as far as they are known. */
const lineLength = sql<number>`(
  with recursive line as (
    select id, parent_id from snapshots where id = ${vms.currentSnapshotId}
    union select parent.id, parent.parent_id from snapshots parent join line on parent.id = line.parent_id)
  select count(*)::integer from line)`

/** The rows that say which snapshots VMs can have: `SnapshotRows` of those that the caller's condition selects. */
export const selectSnapshotRows = (drizzle: Drizzle) =>
  drizzle
    .select({
      vm: vms,
      operation: recordedColumns,
      node: nodes,
      snapshotCount: drizzle.$count(snapshots, and(eq(snapshots.vmId, vms.id), ne(snapshots.state, 'FAILED'))),
      lineLength,
    })
    .from(vms)
    .innerJoin(nodes, eq(nodes.id, vms.nodeId))
    .leftJoin(operations, and(eq(operations.vmId, vms.id), unfinished))

const rowsOf = hotStatement((drizzle) =>
  selectSnapshotRows(drizzle)
    .where(eq(vms.id, sql.placeholder('id')))
    .prepare('snapshot_facts'),
)

/** What decides which snapshots of a VM can be taken, as its node last reported it. Throws `not_found`. */
export async function readSnapshotFacts(
  database: Database,
  vmId: string,
  maxSnapshots: number,
): Promise<SnapshotFacts> {
  const [found] = await rowsOf(database).execute({ id: vmId })
  if (!found) throw vmNotFound(vmId)
  return snapshotFacts(found, maxSnapshots)
}
