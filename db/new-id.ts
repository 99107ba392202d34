/**
 * A UUIDv7 (RFC 9562, 5.7): 48 bits of Unix time in milliseconds, then the random part of a UUIDv4, whose variant bits
 * stand in the same place. Ids made later sort later, which is what lists page by.
 */
export function newId(now = Date.now()): string {
  const time = now.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`
}
