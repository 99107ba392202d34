import type { MiddlewareHandler } from 'hono'
import { bodyLimit as countingLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import type { ApiEnv } from '#api/deps.ts'

/** Largest request body: the largest VM spec is a twentieth of it. */
const maxBytes = 256 * 1024

function refuse(): never {
  throw new HTTPException(413)
}

const counting = countingLimit({ maxSize: maxBytes, onError: refuse })

/** Refuses a large body with 413, before it is read where its length is declared. HTTP itself holds a client to that. */
export const bodyLimit: MiddlewareHandler<ApiEnv> = (c, next) => {
  const declared = c.req.header('content-length')
  // Counting opens the body as a stream, which costs as much as the rest of a small request.
  if (declared === undefined || c.req.header('transfer-encoding') !== undefined) return counting(c, next)
  return Number(declared) > maxBytes ? refuse() : next()
}
