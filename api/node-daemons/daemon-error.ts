import { type ServiceError, status } from '@grpc/grpc-js'
import { AppError } from '#db/errors.ts'
import { toldError } from '#proto/grpc-error.ts'

/** What is to be told of a call that failed, and whether the node is to be looked at. */
export interface CallFailure {
  error: AppError
  /** Nothing came in time: the node is dead or cut off, or what it asks itself is slow. */
  isSilence: boolean
}

/** The node's own error, or what happened on the way. Of a call that was sent, nobody knows then whether it was done. */
export function callFailure(failed: ServiceError, method: string, address: string): CallFailure {
  const told = toldError(failed)
  if (told) return { error: told, isSilence: false }
  const { code, details } = failed
  const cause = failed
  if (code === status.DEADLINE_EXCEEDED) {
    const message = `The node daemon at ${address} did not answer ${method} in time. It may be done all the same; look before you ask again.`
    return {
      error: new AppError('deadline_exceeded', message, { reason: 'NODE_DAEMON_NOT_RESPONDING', cause }),
      isSilence: true,
    }
  }
  if (code === status.UNAVAILABLE || code === status.CANCELLED) {
    const message = `The connection to the node daemon at ${address} broke during ${method}. It may be done all the same; look before you ask again.`
    return { error: new AppError('unavailable', message, { reason: 'NODE_CONNECTION_LOST', cause }), isSilence: false }
  }
  if (code === status.UNIMPLEMENTED) {
    const message = `The node daemon at ${address} does not know ${method}. Bring its version up to date.`
    return { error: new AppError('unimplemented', message, { reason: 'NOT_IMPLEMENTED', cause }), isSilence: false }
  }
  const message = `The node daemon at ${address} gave no answer to ${method} that can be read: ${details}`
  return { error: new AppError('internal', message, { reason: 'NODE_ANSWER_UNREADABLE', cause }), isSilence: false }
}

/** The call was not sent: it can be asked for again, or in another way. */
export const notReached = (nodeId: string, address: string, why: string): AppError =>
  new AppError('unavailable', `The daemon of node ${nodeId} cannot be reached at ${address}: ${why}`, {
    reason: 'NODE_DAEMON_UNREACHABLE',
  })
