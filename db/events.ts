import { sql } from 'drizzle-orm'
import { type Database, hotStatement } from './client.ts'
import type { Claimant } from './operations/claim.ts'
import { claimPlaceholders, nodeIsCurrent } from './operations/fence.ts'
import type { EventActor, EventSeverity } from './schema/event.ts'
import { events } from './schema/event.ts'

/** Who changed a VM's state past its operations, and what else is to be told of it. */
export interface EventCause {
  actor: EventActor
  severity: EventSeverity
  details: Record<string, unknown>
}

/**
 * Condition, always true: the triggers tell this as the cause of what its statement changes. It ends with the transaction.
 */
export const becauseOf = (cause: EventCause) =>
  sql`set_config('quantix.cause', ${JSON.stringify(cause)}::text, true) is not null`

/** A reboot that was asked for may be heard of a little after its operation has ended. */
const echoSeconds = 5

const tellReboot = hotStatement((drizzle) => {
  const told = drizzle.$with('told', { id: events.id }).as(sql`
    insert into events (vm_id, node_id, type, severity, actor, message, details)
    select vms.id, vms.node_id, 'vm.rebooted', 'info', 'guest', 'The guest began anew: it rebooted, or was reset.', '{}'
    from vms where vms.id = ${sql.placeholder('vmId')}::uuid
      and ${nodeIsCurrent(drizzle, claimPlaceholders)}
      and not exists (
        select from operations where operations.vm_id = vms.id and operations.kind = 'vm.reboot'
          and (operations.finished_at is null or operations.finished_at > now() - ${echoSeconds} * interval '1 second'))
    returning id`)
  return drizzle.with(told).select().from(told).prepare('tell_reboot')
})

/** Tells that a guest began anew by itself; a reboot that was asked for tells of itself. */
export async function recordReboot(db: Database, { nodeId, epoch }: Claimant, vmId: string): Promise<void> {
  await tellReboot(db).execute({ nodeId, epoch, vmId })
}

/** At most so many in one sweep; the next one takes the others. */
const batchSize = 5000

/** Looks at the oldest alone, by their order: nothing is scanned, however many there are. */
const dropOld = hotStatement((drizzle) => {
  const oldest = drizzle.$with('oldest', { id: events.id }).as(sql`
    select id, created_at from events order by id limit ${sql.placeholder('batchSize')}::integer`)
  const dropped = drizzle.$with('dropped', { id: events.id }).as(sql`
    delete from events using oldest
    where events.id = oldest.id and oldest.created_at < now() - ${sql.placeholder('days')}::integer * interval '1 day'
    returning events.id`)
  return drizzle.with(oldest, dropped).select().from(dropped).prepare('drop_old_events')
})

/** Removes the oldest events that happened more than so many days ago, `limit` at most. */
export const dropOldEvents = (db: Database, days: number, limit = batchSize): Promise<{ id: number }[]> =>
  dropOld(db).execute({ days, batchSize: limit })
