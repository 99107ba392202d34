import { performance } from 'node:perf_hooks'

/** The sample below which the given share of all lies; NaN of none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5)

/** How long the work takes, ms. */
export async function timeMs(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** How long each of `count` calls takes, one after the other, ms. */
export async function timeEach(count: number, call: (index: number) => unknown): Promise<number[]> {
  const samples: number[] = []
  for (let index = 0; index < count; index++) {
    samples.push(await timeMs(() => call(index)))
  }
  return samples
}

/**
 * Measures contenders in turns, so that what else the machine does hits all alike. The first round warms up and is
 * dropped. Returns what each one's turn of every other round gave.
 */
export async function alternate<Name extends string, Measured>(
  rounds: number,
  contenders: Record<Name, () => Promise<Measured>>,
): Promise<Record<Name, Measured[]>> {
  const names = Object.keys(contenders) as Name[]
  const measured = Object.fromEntries(names.map((name) => [name, [] as Measured[]])) as Record<Name, Measured[]>
  for (let round = 0; round <= rounds; round++) {
    // Every other round backwards: nobody always follows the same one.
    for (const name of round % 2 ? names : names.toReversed()) {
      const outcome = await contenders[name]()
      if (round > 0) measured[name].push(outcome)
    }
  }
  return measured
}

/** How long each call takes, ms, while so many callers each make one call after another for the given time. */
export async function closedLoop(
  concurrency: number,
  durationMs: number,
  call: (caller: number) => Promise<unknown>,
): Promise<number[]> {
  const samples: number[] = []
  const end = performance.now() + durationMs
  const caller = async (index: number) => {
    for (let start = performance.now(); start < end; ) {
      await call(index)
      const now = performance.now()
      samples.push(now - start)
      start = now
    }
  }
  await Promise.all(Array.from({ length: concurrency }, (_, index) => caller(index)))
  return samples
}
