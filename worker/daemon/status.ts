import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { AppError, type ErrorCode, errorRecord } from '#db/errors.ts'
import { statusDetails } from './status-details.ts'

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

/** Trailers are bounded, by grpc-js to 16 KiB with all that is in them. */
const maxDetailLength = 2000

/** What a caller learns of an error; of one that is not ours, that there was one. */
export function grpcError(error: unknown): Pick<ServiceError, 'code' | 'details' | 'metadata'> {
  const { code, message, reason, details = {} } = errorRecord(error)
  const metadata = new Metadata()
  if (reason !== undefined) {
    const told = Object.entries(details)
      .map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)] as const)
      .filter(([, value]) => value !== undefined && value.length <= maxDetailLength)
    const content = { code: statusOf[code], message, reason, metadata: Object.fromEntries(told) }
    metadata.set('grpc-status-details-bin', statusDetails(content))
  }
  return { code: statusOf[code], details: message, metadata }
}

/** Whether an error is ours, and tells its caller what there is to tell. */
export const isForeseen = (error: unknown): boolean => error instanceof AppError
