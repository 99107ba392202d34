import { index, jsonb, pgTable, uuid } from 'drizzle-orm/pg-core'
import type { SealedSecret } from '#db/secrets/secret-box.ts'
import { moment } from './moment.ts'

/** What may be secret is sealed. */
export type GuestPayload = { plain: unknown } | { sealed: SealedSecret }

/**
 * What an operation asks of a guest's agent, and what is answered: beside the operation, whose input becomes history.
 * Kept for an hour.
 */
export const guestCalls = pgTable(
  'guest_calls',
  {
    operationId: uuid().primaryKey(),
    /** Null once it is answered. */
    request: jsonb().$type<GuestPayload>(),
    /** From here on it may have been done. */
    begunAt: moment(),
    answer: jsonb().$type<GuestPayload>(),
    createdAt: moment().notNull().defaultNow(),
  },
  (t) => [index('guest_calls_age').on(t.createdAt)],
)
