/** Upper bounds of what is counted together, seconds; what takes longer is counted in the last. */
export const latencyBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const

/** The calls of one method to all nodes, as a Prometheus histogram has them. */
export interface MethodMetrics {
  calls: number
  /** How many ended so: gRPC's names of the codes, OK among them. */
  byCode: Record<string, number>
  totalSeconds: number
  /** How many took at most as long as each of `latencyBounds`, and the rest. */
  byLatency: number[]
}

export interface CallMetrics {
  record(method: string, code: string, seconds: number): void
  /** A copy, by method. */
  read(): Record<string, MethodMetrics>
}

export function createCallMetrics(): CallMetrics {
  const methods = new Map<string, MethodMetrics>()
  return {
    record(method, code, seconds) {
      let metrics = methods.get(method)
      if (!metrics) {
        metrics = { calls: 0, byCode: {}, totalSeconds: 0, byLatency: Array(latencyBounds.length + 1).fill(0) }
        methods.set(method, metrics)
      }
      metrics.calls++
      metrics.byCode[code] = (metrics.byCode[code] ?? 0) + 1
      metrics.totalSeconds += seconds
      const found = latencyBounds.findIndex((bound) => seconds <= bound)
      const bucket = found === -1 ? latencyBounds.length : found
      metrics.byLatency[bucket] = (metrics.byLatency[bucket] ?? 0) + 1
    },
    read: () => structuredClone(Object.fromEntries(methods)),
  }
}
