import type { handleServerStreamingCall, handleUnaryCall } from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type {
  NodeDaemonServiceDefinition,
  NodeDaemonServiceHandlers,
} from '#proto/gen/limiquantix/node/v1/NodeDaemonService.ts'

type Definition = NodeDaemonServiceDefinition
type Handlers = NodeDaemonServiceHandlers

/** The service's methods, without grpc-js's index signature. */
export type MethodName = keyof { [Name in keyof Definition as string extends Name ? never : Name]: Definition[Name] }

/** Those that answer once, and those that go on answering. */
export type UnaryName = {
  [Name in MethodName]: Handlers[Name] extends handleUnaryCall<infer _, infer __> ? Name : never
}[MethodName]
export type StreamName = {
  [Name in MethodName]: Handlers[Name] extends handleServerStreamingCall<infer _, infer __> ? Name : never
}[MethodName]

export type RequestOf<Name extends MethodName> =
  Definition[Name] extends MethodDefinition<infer Request, infer _, infer __, infer ___> ? Request : never
export type ResponseOf<Name extends MethodName> =
  Definition[Name] extends MethodDefinition<infer _, infer __, infer ___, infer Response> ? Response : never

export interface CallOptions {
  /** Ends the call; what it began on the node may go on. */
  signal?: AbortSignal | undefined
  /** Instead of the method's own (call-rules.ts). */
  timeoutMs?: number | undefined
}

/** What a node can be asked, by the methods' names. They throw AppErrors: the node's own, or those of daemon-error.ts. */
export type DaemonCalls = {
  [Name in UnaryName]: (request: RequestOf<Name>, options?: CallOptions) => Promise<ResponseOf<Name>>
} & {
  [Name in StreamName]: (request: RequestOf<Name>, options?: CallOptions) => AsyncIterable<ResponseOf<Name>>
}
