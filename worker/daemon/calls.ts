import type { handleServerStreamingCall, handleUnaryCall } from '@grpc/grpc-js'
import type { NodeDaemonServiceHandlers } from '#proto/gen/limiquantix/node/v1/NodeDaemonService.ts'
import type { ServerStreamCall } from './server-stream.ts'
import type { UnaryCall } from './unary.ts'

/** The service's methods, without grpc-js's index signature. */
type Handlers = {
  [Method in keyof NodeDaemonServiceHandlers as string extends Method
    ? never
    : Method]: NodeDaemonServiceHandlers[Method]
}
export type MethodName = keyof Handlers

/** Methods by their names, as functions. */
export type Calls = {
  [Method in MethodName]?: Handlers[Method] extends handleUnaryCall<infer Request, infer Response>
    ? UnaryCall<Request, Response>
    : never
}

/** Methods that answer with a stream, by their names, as functions. */
export type StreamCalls = {
  [Method in MethodName]?: Handlers[Method] extends handleServerStreamingCall<infer Request, infer Response>
    ? ServerStreamCall<Request, Response>
    : never
}
