/** Longest time a request may wait for its operation. */
export const maxWaitSeconds = 30

/**
 * The seconds that `Prefer: wait=N` (RFC 7240, 4.3) asks for, at most `maxWaitSeconds`; 0 when it does not ask.
 * A preference that cannot be read is ignored, as the RFC wants (2).
 */
export function waitOf(prefer: string | undefined): number {
  for (const preference of (prefer ?? '').split(',')) {
    const seconds = /^\s*wait\s*=\s*"?(\d{1,6})"?\s*(;|$)/i.exec(preference)?.[1]
    if (seconds !== undefined) return Math.min(Number(seconds), maxWaitSeconds)
  }
  return 0
}
