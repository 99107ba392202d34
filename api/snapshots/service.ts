import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import { getVm } from '#api/vms/service.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { recordedColumns, unfinished } from '#db/operations/record.ts'
import { operations } from '#db/schema/operation.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import type { SnapshotWithOperation } from './view.ts'

/** The unfinished operation is the VM's; only the one about this snapshot is shown with it. */
const selectSnapshots = ({ drizzle }: Database) =>
  drizzle
    .select({ snapshot: snapshots, operation: recordedColumns })
    .from(snapshots)
    .leftJoin(
      operations,
      and(
        eq(operations.vmId, snapshots.vmId),
        unfinished,
        sql`${operations.input} ->> 'snapshotId' = ${snapshots.id}::text`,
      ),
    )

/** Throws `not_found`, also when the snapshot is another VM's. */
export async function getSnapshot(database: Database, vmId: string, id: string): Promise<SnapshotWithOperation> {
  const [found] = await selectSnapshots(database).where(and(eq(snapshots.id, id), eq(snapshots.vmId, vmId)))
  if (found) return found
  throw new AppError('not_found', `VM ${vmId} has no snapshot ${id}.`, { reason: 'SNAPSHOT_NOT_FOUND' })
}

/** Snapshots of a VM, newest first; one more than the limit where there is one. Throws `not_found` without the VM. */
export async function listSnapshots(
  database: Database,
  vmId: string,
  { limit, cursor }: PageQuery,
): Promise<SnapshotWithOperation[]> {
  const found = await selectSnapshots(database)
    .where(and(eq(snapshots.vmId, vmId), cursor ? lt(snapshots.id, cursor) : undefined))
    .orderBy(desc(snapshots.id))
    .limit(limit + 1)
  if (found.length === 0) await getVm(database, vmId)
  return found
}
