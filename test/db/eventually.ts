import { setTimeout as delay } from 'node:timers/promises'

/** Waits until `look` returns something other than false, null or undefined, and returns that. Throws when the time is up. */
export async function eventually<Found>(
  look: () => Promise<Found> | Found,
  timeoutMs = 5000,
): Promise<Exclude<Found, false | null | undefined>> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = await look()
    if (found !== false && found !== null && found !== undefined) {
      return found as Exclude<Found, false | null | undefined>
    }
    if (Date.now() > deadline) throw new Error(`It did not come about within ${timeoutMs} ms: ${look}`)
    await delay(5)
  }
}
