/** A number of places for work that may go on at the same time. */
export interface Places {
  /** Takes up to so many of the free places, and says how many it got. */
  takeUpTo(wanted: number): number
  /** Takes one place, waiting for it in turn. Rejects with the signal's reason, and takes none, once that is aborted. */
  take(signal?: AbortSignal): Promise<void>
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
    async take(signal) {
      signal?.throwIfAborted()
      if (free > 0) {
        free--
        return
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      queue.push(resolve)
      const leave = () => {
        const place = queue.indexOf(resolve)
        if (place !== -1) queue.splice(place, 1)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', leave, { once: true })
      await promise.finally(() => signal?.removeEventListener('abort', leave))
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
