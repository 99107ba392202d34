import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import type { StreamCalls } from './calls.ts'
import type { NodeEvents } from './node-events.ts'
import { nodeMetrics } from './node-metrics.ts'
import type { VmControl } from './vm-control.ts'
import { minSpanMs, type VmMeter } from './vm-meter.ts'

export interface StreamDependencies {
  control: Pick<VmControl, 'list'>
  meter: VmMeter
  events: NodeEvents
}

const msPerSecond = 1000
const defaultIntervalSeconds = 5
const maxIntervalSeconds = 3600

/** What a node tells of as it happens. */
export function streamCalls({ control, meter, events }: StreamDependencies) {
  const metrics = nodeMetrics(control, meter)
  return {
    async *StreamMetrics({ intervalSeconds }, signal) {
      const intervalMs = readInterval(intervalSeconds) * msPerSecond
      // What is used shows between two looks.
      await metrics()
      for (let atMs = performance.now() + minSpanMs; ; atMs += intervalMs) {
        // Who reads slowly, or lets the interval pass otherwise, gets what is now and not what was.
        atMs = Math.max(atMs, performance.now())
        await delay(atMs - performance.now(), undefined, { signal })
        yield await metrics()
      }
    },
    async *StreamEvents(_, signal) {
      /** Others have domains on the node too, and the node itself to try what it can run. */
      const known = new Set<string>()
      for await (const event of events.follow(signal)) {
        if (!known.has(event.vmId) && (await control.list([event.vmId])).length === 0) continue
        known.add(event.vmId)
        yield event
      }
    },
  } satisfies Partial<StreamCalls>
}

function readInterval(seconds: number): number {
  if (seconds <= maxIntervalSeconds) return seconds || defaultIntervalSeconds
  throw new AppError('invalid_argument', `interval_seconds must be at most ${maxIntervalSeconds}.`, {
    reason: 'INVALID_INTERVAL',
  })
}
