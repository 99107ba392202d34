import type { handleUnaryCall } from '@grpc/grpc-js'
import type { Logger } from 'pino'
import { grpcError, isForeseen } from '#proto/grpc-error.ts'

/** What a method does; the signal tells that its caller has gone, or that the deadline has passed. */
export type UnaryCall<Request, Response> = (request: Request, signal: AbortSignal) => Promise<Response>

/** A call as grpc-js takes it. grpc-js itself answers one whose deadline passes, and drops what comes after that. */
export const unary =
  <Request, Response>(work: UnaryCall<Request, Response>, log: Logger): handleUnaryCall<Request, Response> =>
  (call, callback) => {
    const gone = new AbortController()
    let isAnswered = false
    // grpc-js says so of every call that ends, and to abort takes as long as a tenth of a short call.
    call.on('cancelled', () => isAnswered || gone.abort())
    work(call.request, gone.signal).then(
      (response) => {
        isAnswered = true
        callback(null, response)
      },
      (error: unknown) => {
        isAnswered = true
        if (!isForeseen(error)) log.error({ err: error, method: call.getPath() }, 'a call failed')
        callback(grpcError(error))
      },
    )
  }
