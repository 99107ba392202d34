/**
 * The codes of every error that leaves the system: Connect/gRPC codes in lower snake case
 * (https://connectrpc.com/docs/protocol/#error-codes).
 */
export const errorCodes = [
  'invalid_argument',
  'unauthenticated',
  'permission_denied',
  'not_found',
  'already_exists',
  'aborted',
  'failed_precondition',
  'resource_exhausted',
  'deadline_exceeded',
  'unimplemented',
  'unavailable',
  'internal',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** What an operation or a snapshot remembers of its failure, and what the API shows of it. */
export interface ErrorRecord {
  code: ErrorCode
  /** For people: what happened, why, and what to do. */
  message: string
  /** For programs: a stable word in SCREAMING_SNAKE_CASE. */
  reason?: string
  details?: Record<string, unknown>
}

/**
 * An error whose message may be shown to the caller. `cause` is for the log only.
 * Any other error reaches the caller as "Internal error".
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly reason: string | undefined
  readonly details: Record<string, unknown> | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { reason?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.reason = options.reason
    this.details = options.details
  }
}

/** The error that was stored. */
export const storedError = ({ code, message, ...rest }: ErrorRecord): AppError => new AppError(code, message, rest)

/** The part of an error that may be stored and shown; an unknown error shows nothing of itself. */
export function errorRecord(error: unknown): ErrorRecord {
  if (!(error instanceof AppError)) return { code: 'internal', message: 'Internal error' }
  return {
    code: error.code,
    message: error.message,
    ...(error.reason !== undefined && { reason: error.reason }),
    ...(error.details !== undefined && { details: error.details }),
  }
}
