import { AppError } from '#db/errors.ts'
import { SupersededError } from '#db/operations/fence.ts'

/** A statement in the middle of a step: where the database is away, the step is tried again later, as `unavailable`. */
export const orUnavailable = <Result>(statement: Promise<Result>): Promise<Result> =>
  statement.catch((cause: unknown) => {
    if (cause instanceof SupersededError) throw cause
    throw new AppError('unavailable', 'The database cannot be reached', { reason: 'DATABASE_UNAVAILABLE', cause })
  })
