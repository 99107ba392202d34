/** How often somebody looks who waits for what nothing tells of. */
export interface Patience {
  shortestMs: number
  longestMs: number
  /** Who waited for a while waits so much longer in vain at most: a part of the time. */
  inVain: number
}

/** The pause until the next look, in milliseconds, after a wait of so many. */
export const pauseAfter = (waitedMs: number, { shortestMs, longestMs, inVain }: Patience): number =>
  Math.min(Math.max(waitedMs * inVain, shortestMs), longestMs)
