import type { MiddlewareHandler } from 'hono'
import { bodyLimit as countingLimit } from 'hono/body-limit'
import type { ApiEnv } from '#api/deps.ts'
import { AppError } from '#db/errors.ts'
import { guestDataMax } from '#db/guest-requests.ts'
import { maxChunkBytes } from '#db/image-chunks.ts'

/** Largest request body: the largest VM spec is a twentieth of it. */
const maxBytes = 256 * 1024
/** Pieces of images are more than that. */
const contentPath = /^\/api\/v1\/images\/[^/]+\/content$/
/** Files of guests are, too: in base64, with something around it. */
const guestFilePath = /^\/api\/v1\/vms\/[^/]+\/agent\/files$/
const maxGuestFileBytes = Math.ceil(guestDataMax / 3) * 4 + 1024

const small = limitTo(maxBytes)
const large = limitTo(maxChunkBytes)
const guestFile = limitTo(maxGuestFileBytes)

/** Refuses a large body with 413, before it is read where its length is declared. */
export const bodyLimit: MiddlewareHandler<ApiEnv> = (c, next) => {
  const { method, path } = c.req
  if (method === 'PUT' && contentPath.test(path)) return large(c, next)
  return method === 'PUT' && guestFilePath.test(path) ? guestFile(c, next) : small(c, next)
}

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
