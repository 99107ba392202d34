/** A number of places for work that may go on at the same time. */
export interface Places {
  /** Takes up to so many of the free places, and says how many it got. */
  takeUpTo(wanted: number): number
  /** Takes one place, waiting for it in turn. */
  take(): Promise<void>
  give(count?: number): void
  readonly free: number
}

export function createPlaces(count: number): Places {
  let free = count
  const queue: (() => void)[] = []
  return {
    takeUpTo(wanted) {
      const taken = Math.min(wanted, free)
      free -= taken
      return taken
    },
    async take() {
      if (free > 0) {
        free--
        return
      }
      await new Promise<void>((resolve) => queue.push(resolve))
    },
    give(given = 1) {
      for (let n = 0; n < given; n++) {
        const next = queue.shift()
        if (next) next()
        else free++
      }
    },
    get free() {
      return free
    },
  }
}
