import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { AppError, type ErrorCode, errorRecord } from '#db/errors.ts'
import { readStatusDetails, writeStatusDetails } from './status-details.ts'

/** The codes have gRPC's own names. https://grpc.io/docs/guides/status-codes/ */
const statusOf = {
  invalid_argument: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  already_exists: status.ALREADY_EXISTS,
  aborted: status.ABORTED,
  failed_precondition: status.FAILED_PRECONDITION,
  resource_exhausted: status.RESOURCE_EXHAUSTED,
  deadline_exceeded: status.DEADLINE_EXCEEDED,
  unimplemented: status.UNIMPLEMENTED,
  unavailable: status.UNAVAILABLE,
  internal: status.INTERNAL,
} as const satisfies Record<ErrorCode, status>

const codeOf = new Map<status, ErrorCode>(Object.entries(statusOf).map(([code, number]) => [number, code as ErrorCode]))

const trailer = 'grpc-status-details-bin'
/** https://github.com/grpc/proposal/blob/master/A6-client-retries.md#pushback: whoever was answered does not ask again. */
const retryTrailer = { name: 'grpc-retry-pushback-ms', never: '-1' } as const

/** Trailers are bounded, by grpc-js to 16 KiB with all that is in them. */
const maxDetailLength = 2000

/** What a caller learns of an error; of one that is not ours, that there was one. */
export function grpcError(error: unknown): Pick<ServiceError, 'code' | 'details' | 'metadata'> {
  const { code, message, reason = '', details = {} } = errorRecord(error)
  const told = Object.entries(details)
    .map(([key, value]) => [key, writeDetail(value)] as const)
    .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1].length <= maxDetailLength)
  const metadata = new Metadata()
  const content = { code: statusOf[code], message, reason, metadata: Object.fromEntries(told) }
  metadata.set(trailer, writeStatusDetails(content))
  metadata.set(retryTrailer.name, retryTrailer.never)
  return { code: statusOf[code], details: message, metadata }
}

/** Whether an error is ours, and tells its caller what there is to tell. */
export const isForeseen = (error: unknown): boolean => error instanceof AppError

/** The error that `grpcError` told of; null where the node itself said nothing: the call may not have reached it. */
export function toldError({ code, metadata }: Pick<ServiceError, 'code' | 'metadata'>): AppError | null {
  const [content] = metadata.get(trailer)
  const told = Buffer.isBuffer(content) ? readStatusDetails(content) : null
  if (!told) return null
  const facts = Object.entries(told.metadata).map(([key, value]) => [key, readDetail(value)])
  return new AppError(codeOf.get(code) ?? 'internal', told.message, {
    ...(told.reason !== '' && { reason: told.reason }),
    ...(facts.length > 0 && { details: Object.fromEntries(facts) }),
  })
}

/** A string stands as it is, unless it could be taken for JSON. */
const writeDetail = (value: unknown): string | undefined =>
  typeof value === 'string' && parse(value) === null ? value : JSON.stringify(value)

function readDetail(text: string): unknown {
  const parsed = parse(text)
  return parsed ? parsed.value : text
}

/** Null where it is no JSON. */
function parse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return null
  }
}
