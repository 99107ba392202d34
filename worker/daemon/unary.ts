import type { handleUnaryCall } from '@grpc/grpc-js'
import type { Logger } from 'pino'
import { grpcError, isForeseen } from '#proto/grpc-error.ts'

export type UnaryCall<Request, Response> = (request: Request) => Promise<Response>

/** A call as grpc-js takes it. grpc-js itself answers one whose deadline passes, and drops what comes after that. */
export const unary =
  <Request, Response>(work: UnaryCall<Request, Response>, log: Logger): handleUnaryCall<Request, Response> =>
  (call, callback) => {
    work(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => {
        if (!isForeseen(error)) log.error({ err: error, method: call.getPath() }, 'a call failed')
        callback(grpcError(error))
      },
    )
  }
