import { and, eq, sql } from 'drizzle-orm'
import { type Database, type Drizzle, hotStatement } from './client.ts'
import { type RecordedOperation, recordedColumns, unfinished } from './operations/record.ts'
import { snapshotNotFound } from './rules/snapshot-refusal.ts'
import { operations } from './schema/operation.ts'
import { type SnapshotRow, snapshotColumns, snapshots } from './schema/snapshot.ts'
import { vms } from './schema/vm.ts'

/** A snapshot with its unfinished operation, where it has one. */
export interface SnapshotWithOperation {
  snapshot: SnapshotRow
  /** Whether the VM's disks came from it. */
  current: boolean
  operation: RecordedOperation | null
}

/**
 * Snapshots as `SnapshotWithOperation`: those that the caller's condition selects. The unfinished operation is the VM's;
 * only the one about this snapshot is shown with it.
 */
export const selectSnapshots = (drizzle: Drizzle) =>
  drizzle
    .select({
      snapshot: snapshotColumns,
      current: sql<boolean>`${vms.currentSnapshotId} is not distinct from ${snapshots.id}`,
      operation: recordedColumns,
    })
    .from(snapshots)
    .innerJoin(vms, eq(vms.id, snapshots.vmId))
    .leftJoin(
      operations,
      and(
        eq(operations.vmId, snapshots.vmId),
        unfinished,
        sql`${snapshots.id}::text in (${operations.input} ->> 'snapshotId', ${operations.input} ->> 'keepAs')`,
      ),
    )

/** Who waits for a snapshot is answered with it. */
const byId = hotStatement((drizzle) =>
  selectSnapshots(drizzle)
    .where(and(eq(snapshots.id, sql.placeholder('id')), eq(snapshots.vmId, sql.placeholder('vmId'))))
    .prepare('snapshot_by_id'),
)

/** Throws `not_found`, also when the snapshot is another VM's. */
export async function getSnapshot(database: Database, vmId: string, id: string): Promise<SnapshotWithOperation> {
  const [found] = await byId(database).execute({ id, vmId })
  if (!found) throw snapshotNotFound(vmId, id)
  return found
}
