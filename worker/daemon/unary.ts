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
    call.on('cancelled', () => gone.abort())
    work(call.request, gone.signal).then(
      (response) => callback(null, response),
      (error: unknown) => {
        if (!isForeseen(error)) log.error({ err: error, method: call.getPath() }, 'a call failed')
        callback(grpcError(error))
      },
    )
  }
