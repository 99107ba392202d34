import { getTableColumns, sql } from 'drizzle-orm'
import { type Database, hotStatement } from '#db/client.ts'
import { snapshotAllowedFrom } from '#db/rules/snapshot-actions.ts'
import type { EventActor } from '#db/schema/event.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import { recordOperation, recordValues, vmAndCurrent, vmMayBegin } from './record.ts'

const deleteSnapshot = hotStatement((drizzle) => {
  const { vm, current } = vmAndCurrent(drizzle)
  const snapshot = drizzle.$with('snapshot', getTableColumns(snapshots)).as(sql`
    select * from snapshots where id = ${sql.placeholder('snapshotId')}::uuid and vm_id = ${sql.placeholder('vmId')}`)
  const operation = recordOperation(
    drizzle,
    sql`${vmMayBegin('deleteSnapshot')} and exists (select from snapshot where state in ${snapshotAllowedFrom.deleteSnapshot})`,
  )
  const deleted = drizzle.$with('deleted', getTableColumns(snapshots)).as(sql`
    update snapshots set state = 'DELETING'
    from operation where snapshots.id = ${sql.placeholder('snapshotId')}::uuid
    returning snapshots.*`)
  return drizzle
    .with(vm, current, snapshot, operation, deleted)
    .select()
    .from(vm)
    .leftJoin(current, sql`true`)
    .leftJoin(snapshot, sql`true`)
    .leftJoin(operation, sql`true`)
    .leftJoin(deleted, sql`true`)
    .prepare('snapshot_delete')
})

/**
 * Locks the VM; when it is free and its state and the snapshot's allow it, records the operation and moves the snapshot on.
 * Undefined where there is no such VM; without `operation` and `deleted` where nothing was recorded.
 */
export async function recordSnapshotDelete(
  db: Database,
  { operationId, actor, ...input }: { vmId: string; snapshotId: string; operationId: string; actor?: EventActor },
) {
  const [found] = await deleteSnapshot(db).execute({
    ...input,
    ...recordValues(operationId, 'snapshot.delete', input, actor),
  })
  return found
}
