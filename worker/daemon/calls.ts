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
type MethodName = keyof Handlers

/** grpc-js gives a method that answers once a callback, and one that answers with a stream none. */
type MethodsTaking<Arguments extends number> = {
  [Method in MethodName]: Parameters<Handlers[Method]>['length'] extends Arguments ? Method : never
}[MethodName]

/** Every method that answers once, by its name, as a function. */
export type Calls = {
  [Method in MethodsTaking<2>]: Handlers[Method] extends handleUnaryCall<infer Request, infer Response>
    ? UnaryCall<Request, Response>
    : never
}

/** Every method that answers with a stream. */
export type StreamCalls = {
  [Method in MethodsTaking<1>]: Handlers[Method] extends handleServerStreamingCall<infer Request, infer Response>
    ? ServerStreamCall<Request, Response>
    : never
}
