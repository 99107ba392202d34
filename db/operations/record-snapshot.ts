import { getTableColumns, sql } from 'drizzle-orm'
import { type Database, type Drizzle, hotStatement } from '#db/client.ts'
import { type SnapshotRow, snapshots } from '#db/schema/snapshot.ts'
import { recordOperation, recordValues, vmAndCurrent, vmMayBegin } from './record.ts'

/** A snapshot that is to be taken. */
export interface WantedSnapshot
  extends Pick<
    SnapshotRow,
    'vmId' | 'name' | 'description' | 'includeMemory' | 'quiesce' | 'quiescePolicy' | 'quiesceTimeoutSeconds' | 'origin'
  > {
  snapshotId: string
  operationId: string
  /** How many the VM may have, this one among them. */
  maxSnapshots: number
}

/** Condition: the VM may have one snapshot more. One that failed does not count. */
export const hasRoomForSnapshot = sql`(select count(*) from snapshots where vm_id = vm.id and state <> 'FAILED')
  < ${sql.placeholder('maxSnapshots')}::integer`

/** Condition for `recordOperation` in a statement with `vmAndCurrent`: the VM may begin a snapshot, and have one more. */
export const snapshotMayBegin = sql`${vmMayBegin('snapshot')} and ${hasRoomForSnapshot}`

/** The columns of a new snapshot, and their values for `snapshotValues`. */
export const newSnapshotColumns = sql`id, vm_id, name, description, include_memory, quiesce, quiesce_policy,
  quiesce_timeout_seconds, origin`
export const newSnapshot = sql`${sql.placeholder('snapshotId')}::uuid, ${sql.placeholder('vmId')}::uuid,
  ${sql.placeholder('name')}, ${sql.placeholder('description')}, ${sql.placeholder('includeMemory')}::boolean,
  ${sql.placeholder('quiesce')}::boolean, ${sql.placeholder('quiescePolicy')}::quiesce_policy,
  ${sql.placeholder('quiesceTimeoutSeconds')}::integer, ${sql.placeholder('origin')}::snapshot_origin`

/** The values of the placeholders in a statement that records a snapshot and its operation. */
export function snapshotValues(wanted: WantedSnapshot) {
  const { operationId, vmId, snapshotId, origin } = wanted
  const actor = origin === 'schedule' ? 'schedule' : 'user'
  return { ...wanted, ...recordValues(operationId, 'snapshot.create', { vmId, snapshotId }, actor) }
}

/** The part of a statement that is the VM's snapshot of that name, where it has one that did not fail. */
export const namesakeOf = (drizzle: Drizzle) =>
  drizzle.$with('namesake', { id: snapshots.id }).as(sql`
    select id from snapshots
    where vm_id = ${sql.placeholder('vmId')} and name = ${sql.placeholder('name')} and state <> 'FAILED'`)

const insertSnapshot = hotStatement((drizzle) => {
  const { vm, current } = vmAndCurrent(drizzle)
  const namesake = namesakeOf(drizzle)
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
