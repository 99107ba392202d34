import type { Database } from '#db/client.ts'
import { nameTaken } from '#db/vms.ts'

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const uniqueViolation = '23505'

/** Throws what the database threw, in our words where it was that a name is taken. */
export async function refuseTakenName(database: Database, error: unknown, name: string): Promise<never> {
  const cause = error instanceof Error ? error.cause : undefined
  const isTaken = cause instanceof Error && 'code' in cause && cause.code === uniqueViolation
  throw (isTaken ? await nameTaken(database, name) : null) ?? error
}
