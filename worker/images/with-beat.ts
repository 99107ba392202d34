import { setTimeout as delay } from 'node:timers/promises'
import { workerStops } from '#worker/worker-stops.ts'

const beatMs = 1000

/**
 * Does the work, and `beat` once a second beside it; what `beat` throws ends the work. Throws `unavailable` where the signal
 * ended it.
 */
export async function withBeat<Result>(
  signal: AbortSignal,
  beat: () => Promise<void>,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ending = new AbortController()
  const done = new AbortController()
  const beating = (async () => {
    for (;;) {
      await delay(beatMs, undefined, { signal: done.signal })
      await beat()
    }
  })().catch((error) => {
    if (!done.signal.aborted) ending.abort(error)
  })
  try {
    return await work(AbortSignal.any([signal, ending.signal]))
  } catch (error) {
    if (ending.signal.aborted) throw ending.signal.reason
    if (signal.aborted) throw workerStops(error)
    throw error
  } finally {
    done.abort()
    await beating
  }
}
