import type { DiskUsage, NicUsage, VmUsage } from '#db/schema/vm-usage.ts'
import type { DiskCounters, NicCounters, VmCounters } from '#worker/hypervisor/measurement.ts'

/** What a VM had used at a moment of a clock that only goes forwards. */
export interface Sample {
  counters: VmCounters
  atMs: number
}

const msPerSecond = 1000

/** What a VM uses: the totals now, and the rates since the sample before; without one of the same run there are none. */
export function usageOf(now: Sample, before: Sample | undefined): VmUsage {
  const { counters } = now
  const then = before?.counters.runId === counters.runId ? before.counters : undefined
  const seconds = before ? (now.atMs - before.atMs) / msPerSecond : 0
  /** Null where there is nothing to compare with, or it was counted anew since. */
  const perSecond = (total: number, earlier: number | undefined): number | null =>
    earlier === undefined || seconds <= 0 || total < earlier ? null : rounded((total - earlier) / seconds)

  const disk = (disk: DiskCounters): DiskUsage => {
    const earlier = then?.disks.find(({ target }) => target === disk.target)
    return {
      ...disk,
      readBytesPerSecond: perSecond(disk.readBytes, earlier?.readBytes),
      writtenBytesPerSecond: perSecond(disk.writtenBytes, earlier?.writtenBytes),
      readIops: perSecond(disk.readRequests, earlier?.readRequests),
      writeIops: perSecond(disk.writeRequests, earlier?.writeRequests),
    }
  }
  const nic = (nic: NicCounters): NicUsage => {
    const earlier = then?.nics.find(({ mac }) => mac === nic.mac)
    return {
      ...nic,
      receivedBytesPerSecond: perSecond(nic.receivedBytes, earlier?.receivedBytes),
      sentBytesPerSecond: perSecond(nic.sentBytes, earlier?.sentBytes),
    }
  }
  const { cpuTimeSeconds, vcpus, memory } = counters
  const busy = perSecond(cpuTimeSeconds, then?.cpuTimeSeconds)
  return {
    cpu: { timeSeconds: rounded(cpuTimeSeconds), percent: busy === null ? null : rounded((busy / vcpus) * 100) },
    memory,
    disks: counters.disks.map(disk),
    nics: counters.nics.map(nic),
  }
}

const rounded = (value: number): number => Math.round(value * 100) / 100
