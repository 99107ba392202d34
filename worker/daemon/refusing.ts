import type { ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js'
import type { AppError } from '#db/errors.ts'
import { grpcError } from '#proto/grpc-error.ts'

/** A method, unary or a stream, that does nothing but answer with the error. */
export const refusing =
  (error: AppError) =>
  (
    call: ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>,
    callback?: sendUnaryData<unknown>,
  ): void => {
    if (callback) callback(grpcError(error))
    else call.emit('error', grpcError(error))
  }
