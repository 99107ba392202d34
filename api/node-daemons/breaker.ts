/**
 * Keeps callers from waiting for a node that does not answer. A health check that fails opens it at once, calls that hear
 * nothing open it together; only a health check closes it: callers are not what a node is tried with.
 */
export interface Breaker {
  readonly isOpen: boolean
  /** Health checks that failed in succession. */
  readonly misses: number
  checked(healthy: boolean): void
  /** A call was answered, or the node kept silent. True where that opened it. */
  called(answered: boolean): boolean
}

/** Calls in succession that hear nothing. */
const mostSilences = 3

export function createBreaker(): Breaker {
  let isOpen = false
  let misses = 0
  let silences = 0
  return {
    get isOpen() {
      return isOpen
    },
    get misses() {
      return misses
    },
    checked(healthy) {
      isOpen = !healthy
      misses = healthy ? 0 : misses + 1
      silences = 0
    },
    called(answered) {
      silences = answered ? 0 : silences + 1
      if (isOpen || silences < mostSilences) return false
      isOpen = true
      return true
    },
  }
}
