import { AppError } from '#db/errors.ts'
import { SupersededError } from '#db/operations/fence.ts'

/**
 * A statement in the middle of a step: where the database is away, the step is tried again later, as `unavailable`. What
 * is refused beside the statement stays a refusal.
 */
export const orUnavailable = <Result>(statement: Promise<Result>): Promise<Result> =>
  statement.catch((cause: unknown) => {
    if (cause instanceof SupersededError || cause instanceof AppError) throw cause
    throw new AppError('unavailable', 'The database cannot be reached', { reason: 'DATABASE_UNAVAILABLE', cause })
  })
