import { sql } from 'drizzle-orm'
import { type Database, hotStatement } from './client.ts'
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
