import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import { getVm } from '#api/vms/service.ts'
import { type Database, type Drizzle, hotStatement } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { recordedColumns, unfinished } from '#db/operations/record.ts'
import { operations } from '#db/schema/operation.ts'
import { type SnapshotOrigin, snapshotColumns, snapshots } from '#db/schema/snapshot.ts'
import { vms } from '#db/schema/vm.ts'
import type { SnapshotWithOperation } from './view.ts'

/** The unfinished operation is the VM's; only the one about this snapshot is shown with it. */
const selectSnapshots = (drizzle: Drizzle) =>
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
  if (found) return found
  throw new AppError('not_found', `VM ${vmId} has no snapshot ${id}.`, { reason: 'SNAPSHOT_NOT_FOUND' })
}

/** Snapshots of a VM, or those of one origin, newest first; one more than the limit where there is one. Throws `not_found` without the VM. */
export async function listSnapshots(
  database: Database,
  vmId: string,
  { limit, cursor, origin }: PageQuery & { origin?: SnapshotOrigin | undefined },
): Promise<SnapshotWithOperation[]> {
  const found = await selectSnapshots(database.drizzle)
    .where(
      and(
        eq(snapshots.vmId, vmId),
        cursor ? lt(snapshots.id, cursor) : undefined,
        origin ? eq(snapshots.origin, origin) : undefined,
      ),
    )
    .orderBy(desc(snapshots.id))
    .limit(limit + 1)
  if (found.length === 0) await getVm(database, vmId)
  return found
}
