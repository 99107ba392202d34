import { AppError } from '#db/errors.ts'

/** What an operation ends with whose end was asked for. */
export const cancelled = (): AppError =>
  new AppError('aborted', 'It was cancelled, and what it had done is removed.', { reason: 'CANCELLED' })
