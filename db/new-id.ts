/** Most ids of one millisecond before the next one's time is borrowed: 12 bits of RFC 9562's `rand_a`. */
const idsPerMs = 4096

/**
 * Makes UUIDv7s (RFC 9562, 5.7): 48 bits of Unix time in milliseconds, a counter (6.2, method 1), then the random part of
 * a UUIDv4, whose variant bits stand in the same place. What it makes later sorts later, also within a millisecond and
 * when the clock is set back: lists page by it.
 */
export function idSource(): (now?: number) => string {
  let time = 0
  let counter = 0
  return (now = Date.now()) => {
    if (now > time) {
      time = now
      // In the lower half, so that others of this moment do not begin at the same one, and there is room to count.
      counter = Math.floor(Math.random() * (idsPerMs / 2))
    } else if (++counter === idsPerMs) {
      time++
      counter = 0
    }
    const hexTime = time.toString(16).padStart(12, '0')
    const hexCounter = counter.toString(16).padStart(3, '0')
    return `${hexTime.slice(0, 8)}-${hexTime.slice(8)}-7${hexCounter}${crypto.randomUUID().slice(18)}`
  }
}

/** The ids of this process's new rows. */
export const newId = idSource()
