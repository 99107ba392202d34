import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'

/** What thaws a guest, and what is kept of it: nobody who reads that can thaw. */
export function newToken(): { token: string; tokenSha256: string } {
  const token = randomUUID()
  return { token, tokenSha256: sha256(token) }
}

export const isTokenOf = ({ tokenSha256 }: { tokenSha256: string }, token: string): boolean =>
  timingSafeEqual(Buffer.from(tokenSha256), Buffer.from(sha256(token)))

const sha256 = (token: string): string => createHash('sha256').update(token).digest('hex')
