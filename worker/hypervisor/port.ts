import type { CpuFacts } from '#db/rules/memory-snapshot.ts'
import type { CpuModeSupport } from '#db/schema/node.ts'
import type { SnapshotConsistency, SnapshotDisk, SnapshotKind } from '#db/schema/snapshot.ts'
import type { VmSpec } from '#db/vm-spec.ts'

/**
 * What the worker needs of a hypervisor, in our words. No libvirt type crosses it.
 *
 * Every call observes, decides, then acts: it may be made twice, and converges when its work is done already.
 * Every call rejects with an AppError whose message may be shown to users; `unavailable` means that nothing is known
 * and that trying again is right (the connection broke, a deadline passed), every other code is permanent.
 */
export interface Hypervisor {
  readonly kind: 'libvirt' | 'simulated'

  /** Identity and size of the node. */
  describeNode(): Promise<NodeDescription>
  /** What this node can really run, found by trying; slow (seconds) the first time, remembered after. */
  probeCpuModes(): Promise<CpuModeSupport[]>

  /** The VM as the hypervisor has it now; null where it has none. */
  observeVm(vmId: string): Promise<VmObservation | null>

  /** Makes disk `target` of a VM in the worker's pool: empty, or a copy-on-write clone of a base image. */
  createDisk(disk: DiskRequest): Promise<void>
  /** Removes every file of the VM from the worker's pool: disks, overlays, saved memory. Refused with `failed_precondition` while the VM is defined. */
  deleteVmFiles(vmId: string): Promise<void>

  defineVm(vm: VmDefinition): Promise<void>
  /** Removes the definition of a stopped VM, with everything libvirt keeps beside it. */
  undefineVm(vmId: string): Promise<void>

  startVm(vmId: string): Promise<void>
  /** Asks the guest to shut down (agent or ACPI) and returns; whether it does is the guest's matter. */
  requestShutdown(vmId: string): Promise<void>
  /** Takes the power away. */
  destroyVm(vmId: string): Promise<void>

  /** Takes a snapshot and says what was really taken. Refuses with `memorySnapshotBlockedError` what the running CPU cannot do. */
  createSnapshot(request: SnapshotRequest): Promise<SnapshotTaken>
  /** Removes what a failed `createSnapshot` may have left: files that no definition names. */
  discardSnapshot(vmId: string, snapshotId: string): Promise<void>

  /** Tells of state changes as they happen, also those that nobody asked for. Returns the way to stop listening. */
  onVmEvent(listener: (event: VmEvent) => void): () => void

  close(): Promise<void>
}

export interface NodeDescription {
  /** Stable across restarts of libvirt and the machine. */
  hostUuid: string
  hostname: string
  libvirtVersion: string | null
  qemuVersion: string | null
  cpuCount: number
  memoryMib: number
}

export type RunState = 'RUNNING' | 'PAUSED' | 'STOPPED'

export interface VmObservation {
  vmId: string
  state: RunState
  /** The CPU of the live definition; null while stopped. */
  effectiveCpu: CpuFacts | null
}

export interface VmEvent {
  vmId: string
  state: RunState
}

export interface DiskRequest {
  vmId: string
  /** `vda`, `vdb`, … */
  target: string
  sizeGib?: number | undefined
  baseImage?: string | undefined
}

export interface VmDefinition {
  vmId: string
  name: string
  description: string
  spec: VmSpec
}

export interface SnapshotRequest {
  vmId: string
  snapshotId: string
  includeMemory: boolean
  quiesce: boolean
}

export interface SnapshotTaken {
  kind: SnapshotKind
  consistency: SnapshotConsistency
  disks: SnapshotDisk[]
  memoryVolume: string | null
  sizeBytes: number
  effectiveCpu: CpuFacts | null
  domainXml: string
  libvirtVersion: string | null
  qemuVersion: string | null
}
