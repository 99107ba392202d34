import type { Context, ErrorHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ApiEnv, Log } from '#api/deps.ts'
import { databaseOutage } from '#db/database-outage.ts'
import { AppError, type ErrorCode, type ErrorRecord, errorRecord } from '#db/errors.ts'

/** The HTTP status of each error code. */
export const statusOfCode = {
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  already_exists: 409,
  aborted: 409,
  failed_precondition: 409,
  resource_exhausted: 507,
  deadline_exceeded: 504,
  unimplemented: 501,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<ErrorCode, ContentfulStatusCode>

/** The reasons whose status is not their code's. */
const statusOfReason = new Map<string | undefined, ContentfulStatusCode>([
  // Its code is published as "internal"; a 5xx would make clients retry what can never succeed.
  ['MEMORY_SNAPSHOT_BLOCKED_BY_CPU', 409],
  ['METHOD_NOT_ALLOWED', 405],
  ['BODY_TOO_LARGE', 413],
  ['UNSUPPORTED_MEDIA_TYPE', 415],
])

/** The status an error is answered with. */
export const statusOf = ({ code, reason }: Pick<ErrorRecord, 'code' | 'reason'>): ContentfulStatusCode =>
  statusOfReason.get(reason) ?? statusOfCode[code]

/** How long a client should wait before it tries again what is `unavailable`. */
const retryAfterSeconds = 1

/** Answers every error that a handler throws; what is unknown is logged and shows nothing of itself. */
export const answerError =
  (log: Log): ErrorHandler<ApiEnv> =>
  (thrown, c) => {
    const error = shownError(thrown)
    if (!(error instanceof AppError)) {
      log.error(
        { err: thrown, requestId: c.get('requestId'), method: c.req.method, path: c.req.path },
        'request failed',
      )
    } else if (error.code === 'unavailable') {
      log.warn({ err: error, requestId: c.get('requestId') }, 'request could not be served')
    }
    return sendError(c, error)
  }

/** Writes an error as the body every error has. */
export function sendError(c: Context<ApiEnv>, error: unknown): Response {
  const record = errorRecord(error)
  const { code, message, ...rest } = record
  if (code === 'unavailable') c.header('Retry-After', String(retryAfterSeconds))
  return c.json({ code, message, requestId: c.get('requestId'), ...rest }, statusOf(record))
}

/** What the HTTP framework refuses by a bare status, in our words. */
const httpFaults = new Map<number, { reason: string; message: string }>([
  [400, { reason: 'MALFORMED_JSON', message: 'The request body is not JSON.' }],
  [
    415,
    {
      reason: 'UNSUPPORTED_MEDIA_TYPE',
      message: 'The request body must be sent as "Content-Type: application/json".',
    },
  ],
])

/** The error that is shown for the one thrown: a fault of the HTTP framework or the database in our words. */
function shownError(thrown: unknown): unknown {
  const fault = thrown instanceof HTTPException ? httpFaults.get(thrown.status) : undefined
  if (fault) return new AppError('invalid_argument', fault.message, { reason: fault.reason, cause: thrown })
  return databaseOutage(thrown) ?? thrown
}
