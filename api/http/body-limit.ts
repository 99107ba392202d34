import type { MiddlewareHandler } from 'hono'
import { bodyLimit as countingLimit } from 'hono/body-limit'
import type { ApiEnv } from '#api/deps.ts'
import { AppError } from '#db/errors.ts'
import { maxChunkBytes } from '#db/image-chunks.ts'

/** Largest request body: the largest VM spec is a twentieth of it. */
const maxBytes = 256 * 1024
/** Pieces of images are more than that. */
const contentPath = /^\/api\/v1\/images\/[^/]+\/content$/

const small = limitTo(maxBytes)
const large = limitTo(maxChunkBytes)

/** Refuses a large body with 413, before it is read where its length is declared. */
export const bodyLimit: MiddlewareHandler<ApiEnv> = (c, next) =>
  c.req.method === 'PUT' && contentPath.test(c.req.path) ? large(c, next) : small(c, next)

/** HTTP itself holds a client to the length that it declares. */
function limitTo(bytes: number): MiddlewareHandler<ApiEnv> {
  const refuse = (): never => {
    throw new AppError('invalid_argument', `The request body is larger than ${bytes / 1024} KiB.`, {
      reason: 'BODY_TOO_LARGE',
    })
  }
  const counting = countingLimit({ maxSize: bytes, onError: refuse })
  return (c, next) => {
    const declared = c.req.header('content-length')
    // Counting opens the body as a stream, which costs as much as the rest of a small request.
    if (declared === undefined || c.req.header('transfer-encoding') !== undefined) return counting(c, next)
    return Number(declared) > bytes ? refuse() : next()
  }
}
