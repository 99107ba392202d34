import { type ChannelCredentials, type ChannelOptions, connectivityState } from '@grpc/grpc-js'
import { loadNodeDaemon, serviceName } from '#proto/node-daemon.ts'
import { retryConfig } from './call-rules.ts'
import { HandshakeTimeout } from './handshake-timeout.ts'

/** When a pool looks, gives up and tries again. Pauses are drawn at random around these, so that nodes are not asked in step. */
export interface PoolTimes {
  /** Between the health checks of a node that answers. */
  checkMs: number
  /** Without an answer to a health check for this long, a node is unreachable. */
  answerMs: number
  /** Between attempts to reach a node that is not: first, and at last. */
  firstPauseMs: number
  longestPauseMs: number
}

export const NodeDaemonClient = loadNodeDaemon()
export type Client = InstanceType<typeof NodeDaemonClient>

const serviceConfig = retryConfig(serviceName)

/** A client with a connection of its own, which grpc-js makes, keeps and makes again. Nothing is dialled before it is asked. */
export const openClient = (address: string, credentials: ChannelCredentials, times: PoolTimes): Client =>
  new NodeDaemonClient(address, new HandshakeTimeout(credentials, times.answerMs), channelOptions(times))

const channelOptions = ({ checkMs, answerMs, firstPauseMs, longestPauseMs }: PoolTimes): ChannelOptions => ({
  'grpc.initial_reconnect_backoff_ms': firstPauseMs,
  'grpc.max_reconnect_backoff_ms': longestPauseMs,
  // While calls go on, a connection that has swallowed a ping is closed: they learn of it, and the next ones get a new one.
  'grpc.keepalive_time_ms': checkMs,
  'grpc.keepalive_timeout_ms': answerMs,
  'grpc.service_config': serviceConfig,
  'grpc.service_config_disable_resolution': 1,
  // Two outputs of a program, 1 MiB each, may take three times as much where they are no text.
  'grpc.max_receive_message_length': 16 * 2 ** 20,
  // Closed at once with its client; shared, it would stay for up to 10 s.
  'grpc.use_local_subchannel_pool': 1,
  // HTTP_PROXY is for the internet.
  'grpc.enable_http_proxy': 0,
  'grpc.enable_channelz': 0,
})

/** Tells of each change of the connection until the client is closed. */
export function watchConnection(client: Client, onChange: (isUp: boolean) => void): void {
  const channel = client.getChannel()
  const watch = () => {
    const known = channel.getConnectivityState(false)
    if (known === connectivityState.SHUTDOWN) return
    channel.watchConnectivityState(known, Number.POSITIVE_INFINITY, () => {
      watch()
      onChange(isUp(client))
    })
  }
  watch()
}

export const isUp = (client: Client): boolean =>
  client.getChannel().getConnectivityState(false) === connectivityState.READY
