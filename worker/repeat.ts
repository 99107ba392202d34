import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { AppError } from '#db/errors.ts'

/** Does the work now and again after each pause, one run at a time, until the signal. What a run throws is logged. */
export async function repeat(
  what: string,
  pauseMs: number,
  work: () => Promise<unknown>,
  { signal, log }: { signal: AbortSignal; log: Logger },
): Promise<void> {
  while (!signal.aborted) {
    await work().catch((err) => log.warn({ err }, `${what} failed`))
    await delay(pauseMs, undefined, { signal }).catch(() => {})
  }
}

/**
 * Does the work until it succeeds once. Throws when the signal comes first, and an AppError that trying again would not
 * mend.
 */
export async function untilItSucceeds<Result>(
  what: string,
  work: () => Promise<Result>,
  { signal, log }: { signal: AbortSignal; log: Logger },
): Promise<Result> {
  for (;;) {
    signal.throwIfAborted()
    try {
      return await work()
    } catch (err) {
      if (err instanceof AppError && err.code !== 'unavailable') throw err
      log.warn({ err }, `${what} failed; trying again`)
      await delay(1000, undefined, { signal }).catch(() => {})
    }
  }
}

/** The work's result, or `unavailable` when it has none in time; the work itself goes on. */
export function withinDeadline<Result>(work: Promise<Result>, timeoutMs: number): Promise<Result> {
  const deadline = delay(timeoutMs, undefined, { ref: false }).then(() => {
    throw new AppError('unavailable', `No answer within ${timeoutMs} ms`)
  })
  return Promise.race([work, deadline])
}
