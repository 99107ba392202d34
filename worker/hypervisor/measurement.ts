import type { DiskUsage, MemoryUsage, NicUsage } from '#db/schema/vm-usage.ts'
import type { VmObservation } from './port.ts'

/** A VM as it is, and what it has used. */
export interface VmMeasurement extends Omit<VmObservation, 'definedOnNode'> {
  /** Null while it is stopped, and where another call is at work on it. */
  counters: VmCounters | null
}

/** What a running VM has used since it was started, as its hypervisor counts it. */
export interface VmCounters {
  vmId: string
  runId: string
  vcpus: number
  cpuTimeSeconds: number
  memory: MemoryUsage
  disks: DiskCounters[]
  nics: NicCounters[]
}

export type DiskCounters = Omit<DiskUsage, 'readBytesPerSecond' | 'writtenBytesPerSecond' | 'readIops' | 'writeIops'>
export type NicCounters = Omit<NicUsage, 'receivedBytesPerSecond' | 'sentBytesPerSecond'>
