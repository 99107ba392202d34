import type { PoolSnapshot } from './daemon-pool.ts'

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format */
export const metricsType = 'text/plain; version=0.0.4'

/** The calls of a pool as Prometheus reads them. */
export function metricsText({ methods, latencyBounds }: Pick<PoolSnapshot, 'methods' | 'latencyBounds'>): string {
  const byMethod = Object.entries(methods)
  const calls = byMethod.flatMap(([method, { byCode }]) =>
    Object.entries(byCode).map(([code, count]) => `${callsTotal}{method="${method}",code="${code}"} ${count}`),
  )
  const latencies = byMethod.flatMap(([method, { calls, totalSeconds, byLatency }]) => {
    let atMost = 0
    return [
      ...[...latencyBounds, '+Inf'].map((bound, bucket) => {
        atMost += byLatency[bucket] ?? 0
        return `${callSeconds}_bucket{method="${method}",le="${bound}"} ${atMost}`
      }),
      `${callSeconds}_sum{method="${method}"} ${totalSeconds}`,
      `${callSeconds}_count{method="${method}"} ${calls}`,
    ]
  })
  const lines = [
    `# HELP ${callsTotal} Calls to node daemons that have ended, with gRPC's code.`,
    `# TYPE ${callsTotal} counter`,
    ...calls,
    `# HELP ${callSeconds} How long calls to node daemons took.`,
    `# TYPE ${callSeconds} histogram`,
    ...latencies,
  ]
  return `${lines.join('\n')}\n`
}

const callsTotal = 'quantix_node_daemon_calls_total'
const callSeconds = 'quantix_node_daemon_call_seconds'
