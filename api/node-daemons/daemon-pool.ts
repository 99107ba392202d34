import type { ChannelCredentials } from '@grpc/grpc-js'
import type { Log } from '#api/deps.ts'
import { createCallMetrics, latencyBounds, type MethodMetrics } from './call-metrics.ts'
import { healthTimeoutMs } from './call-rules.ts'
import type { PoolTimes } from './channel.ts'
import { type NodeDaemon, type OpenDaemon, openNodeDaemon } from './node-daemon.ts'

/**
 * The daemons of all nodes, each with a connection, a health and a breaker of its own: nothing here waits for a node but
 * who asked for that one.
 */
export interface DaemonPool {
  /** Dials the node where it is not known yet, or has moved; answers at once. */
  connect(nodeId: string, address: string): NodeDaemon
  get(nodeId: string): NodeDaemon | undefined
  /**
   * The node's daemon once it is known to be there and to be the right one; null where it cannot be reached within the
   * time. Nothing was asked of it then. Throws what the signal says.
   */
  reach(nodeId: string, options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<NodeDaemon | null>
  /** Lets go of a node. */
  disconnect(nodeId: string): void
  snapshot(): PoolSnapshot
  /** Ends every call and every connection. */
  close(): void
}

export interface PoolSnapshot {
  nodes: Pick<NodeDaemon, 'nodeId' | 'address' | 'state' | 'message'>[]
  /** Calls of all nodes since the start, by method. */
  methods: Record<string, MethodMetrics>
  /** Of each method's `byLatency`, seconds. */
  latencyBounds: readonly number[]
}

export interface DaemonPoolOptions {
  /** How a connection to the node is secured; asked whenever the node is dialled. */
  credentials(nodeId: string): ChannelCredentials
  log: Log
  times?: PoolTimes
}

const usualTimes: PoolTimes = {
  checkMs: 10_000,
  answerMs: healthTimeoutMs,
  firstPauseMs: 1000,
  longestPauseMs: 30_000,
}

/** As long as a caller waits who can do without. */
const reachMs = 2000

export function createDaemonPool({ credentials, log, times = usualTimes }: DaemonPoolOptions): DaemonPool {
  const daemons = new Map<string, OpenDaemon>()
  const metrics = createCallMetrics()
  return {
    connect(nodeId, address) {
      const known = daemons.get(nodeId)
      if (known?.address === address) return known
      known?.close()
      const daemon = openNodeDaemon({ nodeId, address, credentials: credentials(nodeId), times, metrics, log })
      daemons.set(nodeId, daemon)
      return daemon
    },
    get: (nodeId) => daemons.get(nodeId),
    async reach(nodeId, { signal, timeoutMs = reachMs } = {}) {
      const daemon = daemons.get(nodeId)
      try {
        await daemon?.reached({ signal, deadline: Date.now() + timeoutMs })
      } catch {
        signal?.throwIfAborted()
        return null
      }
      return daemon ?? null
    },
    disconnect(nodeId) {
      daemons.get(nodeId)?.close()
      daemons.delete(nodeId)
    },
    snapshot: () => ({
      nodes: [...daemons.values()].map(({ nodeId, address, state, message }) => ({ nodeId, address, state, message })),
      methods: metrics.read(),
      latencyBounds,
    }),
    close() {
      for (const daemon of daemons.values()) daemon.close()
      daemons.clear()
    },
  }
}
