import { eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { vms } from '#db/schema/vm.ts'

/** The refusal of a name that another VM has; null where none has. */
export async function nameTaken({ drizzle }: Database, name: string): Promise<AppError | null> {
  const [namesake] = await drizzle.select({ id: vms.id }).from(vms).where(eq(vms.name, name))
  if (!namesake) return null
  return new AppError('already_exists', `A VM named ${name} exists already. Choose another name.`, {
    reason: 'VM_NAME_TAKEN',
    details: { vmId: namesake.id },
  })
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const uniqueViolation = '23505'

/** Throws what the database threw, in our words where it was that a name is taken. */
export async function refuseTakenName(database: Database, error: unknown, name: string): Promise<never> {
  const cause = error instanceof Error ? error.cause : undefined
  const isTaken = cause instanceof Error && 'code' in cause && cause.code === uniqueViolation
  throw (isTaken ? await nameTaken(database, name) : null) ?? error
}
