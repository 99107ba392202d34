import { and, asc, getTableColumns, isNotNull, sql } from 'drizzle-orm'
import { type Database, hotStatement } from '#db/client.ts'
import type { ErrorRecord } from '#db/errors.ts'
import type { SnapshotRows } from '#db/rules/snapshot-facts.ts'
import { operations } from '#db/schema/operation.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import { type SnapshotSchedule, type VmRow, vms } from '#db/schema/vm.ts'
import { selectSnapshotRows } from '#db/snapshot-rows.ts'
import { recordOperation, vmAndCurrent } from './record.ts'
import {
  namesakeOf,
  newSnapshot,
  newSnapshotColumns,
  snapshotMayBegin,
  snapshotValues,
  type WantedSnapshot,
} from './record-snapshot.ts'

/** A VM whose schedule wants a snapshot. */
export interface DueVm extends SnapshotRows {
  vm: VmRow & { snapshotSchedule: SnapshotSchedule; nextSnapshotAt: Date }
}

/** At most so many in one sweep; the next one takes the others. */
const batchSize = 500

const dueVms = hotStatement((drizzle) =>
  selectSnapshotRows(drizzle)
    .where(and(isNotNull(vms.snapshotSchedule), sql`${vms.nextSnapshotAt} <= ${sql.placeholder('now')}::timestamptz`))
    // Those that are busy have to wait anyway: they keep no place from others.
    .orderBy(isNotNull(operations.id), asc(vms.nextSnapshotAt))
    .limit(batchSize)
    .prepare('due_snapshots'),
)

/** VMs whose next scheduled snapshot is due: those that are free first, and of these the longest due. */
export const findDueVms = async (db: Database, now: Date): Promise<DueVm[]> =>
  (await dueVms(db).execute({ now: now.toISOString() })) as DueVm[]

const refusal = sql`${sql.placeholder('refusal')}::jsonb`
const moment = (name: string) => sql`${sql.placeholder(name)}::timestamptz`

const takeDue = hotStatement((drizzle) => {
  const { current } = vmAndCurrent(drizzle)
  const vm = drizzle.$with('vm', getTableColumns(vms)).as(sql`
    select * from vms where id = ${sql.placeholder('vmId')}::uuid and next_snapshot_at = ${moment('dueAt')}
    for update skip locked`)
  const namesake = namesakeOf(drizzle)
  const operation = recordOperation(
    drizzle,
    sql`${refusal} is null and ${snapshotMayBegin} and not exists (select from namesake)`,
  )
  const snapshot = drizzle.$with('snapshot', { id: snapshots.id }).as(sql`
    insert into snapshots (${newSnapshotColumns}, state, error)
    select ${newSnapshot}, (case when operation.id is null then 'FAILED' else 'CREATING' end)::snapshot_state, ${refusal}
    from vm left join operation on true
    where operation.id is not null or ${refusal} is not null
    returning id`)
  const moved = drizzle.$with('moved', { id: vms.id }).as(sql`
    update vms set next_snapshot_at = ${moment('nextAt')}
    from vm where vms.id = vm.id and exists (select from snapshot)
    returning vms.id`)
  return drizzle
    .with(vm, current, namesake, operation, snapshot, moved)
    .select()
    .from(vm)
    .leftJoin(namesake, sql`true`)
    .leftJoin(operation, sql`true`)
    .leftJoin(snapshot, sql`true`)
    .prepare('take_due_snapshot')
})

export interface ScheduledSnapshot extends WantedSnapshot {
  dueAt: Date
  /** When the one after it is due; null where there is none. */
  nextAt: Date | null
  /** Why it cannot be taken: it is recorded as a failed one then. */
  refusal: ErrorRecord | null
}

/**
 * Records a due snapshot with its operation, or with its refusal, and moves the VM's schedule on, all at once or not at
 * all: not where the VM turns out to be busy, or the name to be taken. Undefined where another controller was first.
 */
export async function recordDueSnapshot(db: Database, wanted: ScheduledSnapshot) {
  const { dueAt, nextAt, refusal, ...snapshot } = wanted
  const [found] = await takeDue(db).execute({
    ...snapshotValues(snapshot),
    dueAt: dueAt.toISOString(),
    nextAt: nextAt?.toISOString() ?? null,
    refusal: refusal && JSON.stringify(refusal),
  })
  return found
}
