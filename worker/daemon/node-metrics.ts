import os from 'node:os'
import type { NodeMetrics } from '#proto/gen/limiquantix/node/v1/NodeMetrics.ts'
import type { VMMetrics } from '#proto/gen/limiquantix/node/v1/VMMetrics.ts'
import { timestamp } from './timestamp.ts'
import type { VmControl } from './vm-control.ts'
import { type MeasuredVm, minSpanMs, type VmMeter } from './vm-meter.ts'

/** The figures of the node and its VMs that run, now. However many ask, the node is asked twice a second at most. */
export function nodeMetrics(control: Pick<VmControl, 'list'>, meter: VmMeter): () => Promise<NodeMetrics> {
  let before = processorTimes()
  let last: Promise<NodeMetrics> | undefined
  let lastMs = 0

  async function measure(): Promise<NodeMetrics> {
    const vms = await control.list()
    const measured = await meter.measure(vms.map(({ id }) => id))
    const now = processorTimes()
    const cpuUsagePercent = busyPercent(before, now)
    before = now
    return {
      timestamp: timestamp(new Date()),
      cpuUsagePercent,
      memoryUsedBytes: os.totalmem() - os.freemem(),
      memoryTotalBytes: os.totalmem(),
      vms: vms.flatMap(({ id, name }) => vmMetrics(name, measured.get(id)) ?? []),
    }
  }

  return () => {
    const nowMs = performance.now()
    if (!last || nowMs - lastMs >= minSpanMs) {
      last = measure()
      lastMs = nowMs
    }
    return last
  }
}

function vmMetrics(name: string, measured: MeasuredVm | undefined): VMMetrics | null {
  if (!measured?.usage) return null
  const { cpuPercent, counters } = measured.usage
  const { disks, nics, memory, vmId } = counters
  return {
    vmId,
    name,
    cpuUsagePercent: cpuPercent ?? 0,
    memoryUsedBytes: memory.guestUsedBytes ?? 0,
    diskReadBytes: sum(disks, ({ readBytes }) => readBytes),
    diskWriteBytes: sum(disks, ({ writtenBytes }) => writtenBytes),
    networkRxBytes: sum(nics, ({ receivedBytes }) => receivedBytes),
    networkTxBytes: sum(nics, ({ sentBytes }) => sentBytes),
  }
}

const sum = <Item>(items: readonly Item[], of: (item: Item) => number): number =>
  items.reduce((total, item) => total + of(item), 0)

interface ProcessorTimes {
  idleMs: number
  totalMs: number
}

/** Of all logical processors since the node has been up. */
function processorTimes(): ProcessorTimes {
  const times = os.cpus().map((cpu) => cpu.times)
  const totalMs = sum(times, ({ user, nice, sys, idle, irq }) => user + nice + sys + idle + irq)
  return { idleMs: sum(times, ({ idle }) => idle), totalMs }
}

function busyPercent(before: ProcessorTimes, now: ProcessorTimes): number {
  const totalMs = now.totalMs - before.totalMs
  return totalMs > 0 ? (1 - (now.idleMs - before.idleMs) / totalMs) * 100 : 0
}
