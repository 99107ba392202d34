import { getTableColumns, sql } from 'drizzle-orm'
import { type Database, hotStatement } from '#db/client.ts'
import { snapshotAllowedFrom } from '#db/rules/snapshot-actions.ts'
import { vmActions } from '#db/rules/vm-actions.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import { vms } from '#db/schema/vm.ts'
import { recordOperation, recordValues, vmAndCurrent, vmMayBegin } from './record.ts'
import { hasRoomForSnapshot } from './record-snapshot.ts'

/** A revert that is asked for. */
export interface WantedRevert {
  vmId: string
  snapshotId: string
  operationId: string
  start: boolean
  /** The id of the snapshot that what is current becomes; null discards it. */
  keepAs: string | null
  maxSnapshots: number
}

/** Names of 128 characters are the longest; the number at the end needs some. */
export const keptNameLength = 120

const keepAs = sql`${sql.placeholder('keepAs')}::uuid`

/** `before-revert-to-<name>`, with the first number behind it that makes it another name than those of the VM's snapshots. */
const keptName = sql`
  (select name from (
    select n, base || case when n = 1 then '' else '-' || n end as name
    from (select rtrim(left('before-revert-to-' || snapshot.name, ${keptNameLength}::integer)) as base from snapshot) bases
    cross join generate_series(1, ${sql.placeholder('maxSnapshots')}::integer + 1) n) names
  where not exists (
    select from snapshots
    where snapshots.vm_id = vm.id and snapshots.name = names.name and snapshots.state <> 'FAILED')
  order by n limit 1)`

const insertRevert = hotStatement((drizzle) => {
  const { vm, current, counted } = vmAndCurrent(drizzle)
  const snapshot = drizzle.$with('snapshot', getTableColumns(snapshots)).as(sql`
    select * from snapshots
    where id = ${sql.placeholder('snapshotId')}::uuid and vm_id = ${sql.placeholder('vmId')}::uuid`)
  const operation = recordOperation(
    drizzle,
    sql`${vmMayBegin('revert')} and exists (select from snapshot where state in ${snapshotAllowedFrom.revert})
      and (${keepAs} is null or ${hasRoomForSnapshot})`,
  )
  const kept = drizzle.$with('kept', { id: snapshots.id }).as(sql`
    insert into snapshots (id, vm_id, name, include_memory, quiesce, origin, state)
    select ${keepAs}, vm.id, ${keptName}, false, false, 'revert', 'CREATING'
    from operation join vm on vm.id = operation.vm_id
    where ${keepAs} is not null and vm.spec @? '$.disks[*] ? (@.readOnly == false)'
    returning id`)
  const changed = drizzle.$with('changed', getTableColumns(vms)).as(sql`
    update vms set state = ${vmActions.revert.meanwhile}, message = '', updated_at = now()
    from operation where vms.id = operation.vm_id
    returning vms.*`)
  return drizzle
    .with(vm, current, counted, snapshot, operation, kept, changed)
    .select()
    .from(vm)
    .innerJoin(counted, sql`true`)
    .leftJoin(snapshot, sql`true`)
    .leftJoin(operation, sql`true`)
    .leftJoin(kept, sql`true`)
    .leftJoin(changed, sql`true`)
    .prepare('snapshot_revert')
})

/**
 * Locks the VM; when it is free, its state and the snapshot's allow it and there is room for what is kept, records the
 * operation and the snapshot that what is current becomes. That of a VM without disks is none.
 * Undefined where there is no such VM; without `operation` and `changed` where nothing was recorded.
 */
export async function recordSnapshotRevert(db: Database, wanted: WantedRevert) {
  const { operationId, maxSnapshots, ...input } = wanted
  const [found] = await insertRevert(db).execute({
    ...input,
    maxSnapshots,
    ...recordValues(operationId, 'snapshot.revert', input),
  })
  return found
}
