/** No answer came in time; what was asked for may have happened. Coded as the operating system codes it. */
export class DeadlineError extends Error {
  readonly code = 'ETIMEDOUT'

  constructor(timeoutMs: number) {
    super(`No answer within ${timeoutMs} ms`)
    this.name = 'DeadlineError'
  }
}

/** The work's outcome; rejects with DeadlineError when that takes too long. The work itself is not stopped. */
export async function withinDeadline<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new DeadlineError(timeoutMs)), timeoutMs)
  try {
    return await Promise.race([work, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
