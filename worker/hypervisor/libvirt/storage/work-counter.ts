/** How much goes on with what. */
export interface WorkCounter {
  isBusy(key: string): boolean
  during<Result>(key: string, work: () => Promise<Result>): Promise<Result>
}

export function workCounter(): WorkCounter {
  const counts = new Map<string, number>()
  return {
    isBusy: (key: string) => counts.has(key),
    async during<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
      counts.set(key, (counts.get(key) ?? 0) + 1)
      try {
        return await work()
      } finally {
        const left = (counts.get(key) ?? 1) - 1
        if (left === 0) counts.delete(key)
        else counts.set(key, left)
      }
    },
  }
}
