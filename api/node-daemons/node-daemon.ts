import type { ChannelCredentials } from '@grpc/grpc-js'
import type { Log } from '#api/deps.ts'
import type { CallMetrics } from './call-metrics.ts'
import { timeoutOf } from './call-rules.ts'
import { isUp, NodeDaemonClient, openClient, type PoolTimes, watchConnection } from './channel.ts'
import { type DaemonHealth, type DaemonState, watchHealth } from './health.ts'
import type { CallOptions, DaemonCalls, MethodName, RequestOf, StreamName, UnaryName } from './methods.ts'
import { createSender } from './sender.ts'

/** One node's daemon, as this process reaches it. */
export interface NodeDaemon {
  readonly nodeId: string
  /** `host:port`. */
  readonly address: string
  readonly state: DaemonState
  /** Why it is not connected; empty where it is. */
  readonly message: string
  /** Asks the node. One that is known to be away is not waited for. */
  readonly call: DaemonCalls
}

export interface OpenDaemon extends NodeDaemon, Pick<DaemonHealth, 'reached'> {
  /** Ends what goes on, and the connection. */
  close(): void
}

export interface DaemonOptions {
  nodeId: string
  address: string
  credentials: ChannelCredentials
  times: PoolTimes
  metrics: CallMetrics
  log: Log
}

/** Dials a node and looks after it until closed. */
export function openNodeDaemon({ nodeId, address, credentials, times, metrics, log }: DaemonOptions): OpenDaemon {
  const client = openClient(address, credentials, times)
  const sender = createSender({ client, address, metrics, onSilence: () => health.heardNothing() })
  const health = watchHealth({
    nodeId,
    address,
    times,
    log,
    isConnectionUp: () => isUp(client),
    async askWhoIsThere() {
      const deadline = Date.now() + times.answerMs
      return (await sender.unary({ name: 'HealthCheck', request: {}, deadline })).nodeId
    },
  })
  watchConnection(client, health.connectionChanged)

  const sent = <Name extends MethodName>(name: Name, request: RequestOf<Name>, { signal, timeoutMs }: CallOptions) => ({
    name,
    request,
    signal,
    deadline: Date.now() + (timeoutMs ?? timeoutOf(name, request)),
  })
  const unary =
    <Name extends UnaryName>(name: Name) =>
    async (request: RequestOf<Name>, options: CallOptions = {}) => {
      const call = sent(name, request, options)
      await health.reached(call)
      return sender.unary(call)
    }
  const stream = <Name extends StreamName>(name: Name) =>
    async function* (request: RequestOf<Name>, options: CallOptions = {}) {
      const call = sent(name, request, options)
      await health.reached(call)
      yield* sender.stream(call)
    }

  return {
    nodeId,
    address,
    get state() {
      return health.state
    },
    get message() {
      return health.message
    },
    call: Object.fromEntries(
      Object.entries(NodeDaemonClient.service).map(([name, { responseStream }]) => [
        name,
        responseStream ? stream(name as StreamName) : unary(name as UnaryName),
      ]),
    ) as unknown as DaemonCalls,
    reached: health.reached,
    close() {
      health.close()
      sender.cancelAll()
      client.close()
    },
  }
}
