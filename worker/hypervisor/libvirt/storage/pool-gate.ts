import { AppError } from '#db/errors.ts'

/** Keeps a pool that hangs from holding up more than one call at a time: each would take a thread of this process or of libvirtd. */
export interface PoolGate {
  /** The work's result. Throws `unavailable` when it has none in time, and from then on until that work has ended. */
  pass<Result>(poolId: string, work: () => Promise<Result>, timeoutMs?: number): Promise<Result>
}

/** What looks at a directory or asks libvirt takes milliseconds. */
const defaultTimeoutMs = 20_000

export function poolGate(): PoolGate {
  const stuck = new Map<string, number>()
  return {
    async pass<Result>(poolId: string, work: () => Promise<Result>, timeoutMs = defaultTimeoutMs): Promise<Result> {
      if (stuck.has(poolId)) throw doesNotAnswer(poolId)
      const result = work()
      let timer: NodeJS.Timeout | undefined
      const deadline = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          stuck.set(poolId, (stuck.get(poolId) ?? 0) + 1)
          const release = () => {
            const others = (stuck.get(poolId) ?? 1) - 1
            if (others === 0) stuck.delete(poolId)
            else stuck.set(poolId, others)
          }
          result.then(release, release)
          reject(doesNotAnswer(poolId))
        }, timeoutMs)
      })
      try {
        return await Promise.race([result, deadline])
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

const doesNotAnswer = (poolId: string): AppError =>
  new AppError(
    'unavailable',
    `The storage pool "${poolId}" does not answer. What was asked of it goes on; try again.`,
    {
      reason: 'POOL_NOT_REACHABLE',
    },
  )
