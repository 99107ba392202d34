import { sql } from 'drizzle-orm'
import { type Database, hotStatement } from '#db/client.ts'
import { vmActions } from '#db/rules/vm-actions.ts'
import { operations } from '#db/schema/operation.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import { vms } from '#db/schema/vm.ts'
import { unfinished } from './record.ts'

/** A deletion that failed is not tried again before this. */
const retryAfterMinutes = 10

/** At most so many in one sweep; the next one takes the others. */
const batchSize = 100

const keep = sql`(${vms.snapshotSchedule} ->> 'keep')::integer`

const surplus = hotStatement((drizzle) => {
  const oldest = drizzle.$with('oldest', { vmId: snapshots.vmId, snapshotId: snapshots.id }).as(sql`
    select ${vms.id} as vm_id, oldest.id
    from ${vms} cross join lateral (
      select id from (
        select id, state, row_number() over (partition by state order by id desc) as place
        from ${snapshots}
        where vm_id = ${vms.id} and origin = 'schedule'
          and (state = 'READY' or (state = 'FAILED' and disks is not null))
      ) as taken
      where (state = 'FAILED' or place > ${keep})
        and not exists (
          select from ${operations}
          where vm_id = ${vms.id} and kind = 'snapshot.delete' and status = 'failed'
            and input ->> 'snapshotId' = taken.id::text
            and finished_at > ${sql.placeholder('now')}::timestamptz - ${retryAfterMinutes} * interval '1 minute')
      order by id limit 1
    ) as oldest
    where ${vms.snapshotSchedule} is not null and ${vms.state} in ${vmActions.deleteSnapshot.from}
      and ${vms.diskProblem} is null
      and not exists (select from ${operations} where vm_id = ${vms.id} and ${unfinished})
    limit ${batchSize}`)
  return drizzle.with(oldest).select().from(oldest).prepare('surplus_snapshots')
})

/**
 * Of each VM that is free, the oldest scheduled snapshot beyond those that its schedule keeps, or what is left of one
 * whose deletion failed a while ago. Never one that was not taken by a schedule.
 */
export const findSurplusSnapshots = (db: Database, now: Date): Promise<{ vmId: string; snapshotId: string }[]> =>
  surplus(db).execute({ now: now.toISOString() })

const dropOldRefusals = hotStatement((drizzle) =>
  drizzle
    .delete(snapshots)
    .where(
      sql`${snapshots.id} in (
        select id from (
          select ${snapshots.id}, ${keep} as keep, row_number() over (partition by vm_id order by ${snapshots.id} desc) as place
          from ${snapshots} join ${vms} on ${vms.id} = vm_id
          where origin = 'schedule' and ${snapshots.state} = 'FAILED' and disks is null and snapshot_schedule is not null
        ) as refused
        where place > keep)`,
    )
    .returning({ id: snapshots.id })
    .prepare('drop_refused_snapshots'),
)

/** Removes the rows of scheduled snapshots that were never taken, but for the newest ones of each VM: as many as it keeps. */
export const dropOldRefusedSnapshots = (db: Database): Promise<{ id: string }[]> => dropOldRefusals(db).execute()
