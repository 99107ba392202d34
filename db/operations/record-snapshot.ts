import { getTableColumns, sql } from 'drizzle-orm'
import { type Database, hotStatement } from '#db/client.ts'
import { allowedFrom } from '#db/rules/vm-actions.ts'
import { type SnapshotRow, snapshots } from '#db/schema/snapshot.ts'
import { recordOperation, recordValues, vmAndCurrent, vmIsFree } from './record.ts'

/** A snapshot that is to be taken. */
export interface WantedSnapshot
  extends Pick<
    SnapshotRow,
    'vmId' | 'name' | 'description' | 'includeMemory' | 'quiesce' | 'quiescePolicy' | 'quiesceTimeoutSeconds' | 'origin'
  > {
  snapshotId: string
  operationId: string
}

/** Condition for `recordOperation` in a statement with `vmAndCurrent`: the VM's state allows a snapshot, and it is free. */
export const snapshotMayBegin = sql`vm.state in ${allowedFrom.snapshot} and ${vmIsFree}`

/** The columns of a new snapshot, and their values for `snapshotValues`. */
export const newSnapshotColumns = sql`id, vm_id, name, description, include_memory, quiesce, quiesce_policy,
  quiesce_timeout_seconds, origin`
export const newSnapshot = sql`${sql.placeholder('snapshotId')}::uuid, ${sql.placeholder('vmId')}::uuid,
  ${sql.placeholder('name')}, ${sql.placeholder('description')}, ${sql.placeholder('includeMemory')}::boolean,
  ${sql.placeholder('quiesce')}::boolean, ${sql.placeholder('quiescePolicy')}::quiesce_policy,
  ${sql.placeholder('quiesceTimeoutSeconds')}::integer, ${sql.placeholder('origin')}::snapshot_origin`

/** The values of the placeholders in a statement that records a snapshot and its operation. */
export const snapshotValues = (wanted: WantedSnapshot) => ({
  ...wanted,
  ...recordValues(wanted.operationId, 'snapshot.create', { vmId: wanted.vmId, snapshotId: wanted.snapshotId }),
})

const insertSnapshot = hotStatement((drizzle) => {
  const { vm, current } = vmAndCurrent(drizzle)
  const namesake = drizzle.$with('namesake', { id: snapshots.id }).as(sql`
    select id from snapshots
    where vm_id = ${sql.placeholder('vmId')} and name = ${sql.placeholder('name')} and state <> 'FAILED'`)
  const operation = recordOperation(drizzle, sql`${snapshotMayBegin} and not exists (select from namesake)`)
  const snapshot = drizzle.$with('snapshot', getTableColumns(snapshots)).as(sql`
    insert into snapshots (${newSnapshotColumns}, state)
    select ${newSnapshot}, 'CREATING' from operation
    returning *`)
  return drizzle
    .with(vm, current, namesake, operation, snapshot)
    .select()
    .from(vm)
    .leftJoin(current, sql`true`)
    .leftJoin(namesake, sql`true`)
    .leftJoin(operation, sql`true`)
    .leftJoin(snapshot, sql`true`)
    .prepare('snapshot_create')
})

/**
 * Locks the VM; when its state allows it, it is free and the name is too, records the operation and the snapshot.
 * Undefined where there is no such VM; without `operation` and `snapshot` where nothing was recorded.
 */
export async function recordSnapshot(db: Database, wanted: WantedSnapshot) {
  const [found] = await insertSnapshot(db).execute(snapshotValues(wanted))
  return found
}
