import type { ClockCorrection } from '#db/operations/result.ts'
import type { CpuFacts } from '#db/rules/memory-snapshot.ts'
import type { RunningSpec } from '#db/rules/spec-changes.ts'
import type { CpuModeSupport } from '#db/schema/node.ts'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import type { GuestReport } from '#db/schema/vm-guest.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import type { AgentCalls } from './agent-calls.ts'
import type { ConsoleCalls } from './console-calls.ts'
import type { DeviceCalls } from './device-calls.ts'
import type { HostDomainCalls } from './host-domain.ts'
import type { VmMeasurement } from './measurement.ts'
import type { SnapshotCalls } from './snapshot-calls.ts'
import type { StorageCalls } from './storage-calls.ts'

/**
 * What the worker needs of a hypervisor, in our words. No libvirt type crosses it.
 *
 * Every call observes, decides, then acts: it may be made twice, and converges when its work is done already.
 * Every call rejects with an AppError whose message may be shown to users; `unavailable` means that nothing is known
 * and that trying again is right (the connection broke, a deadline passed), every other code is permanent.
 */
export interface Hypervisor
  extends AgentCalls,
    ConsoleCalls,
    DeviceCalls,
    HostDomainCalls,
    SnapshotCalls,
    StorageCalls {
  readonly kind: 'libvirt' | 'simulated'

  /** Identity and size of the node. */
  describeNode(): Promise<NodeDescription>
  /** What this node can really run, found by trying; slow (seconds) the first time, remembered after. */
  probeCpuModes(): Promise<CpuModeSupport[]>

  /** The VM as the hypervisor has it now; null where it has none. */
  observeVm(vmId: string): Promise<VmObservation | null>
  /** All that runs or is defined on the node, also what is none of our VMs: of any number by a few calls. */
  observeVms(): Promise<VmObservation[]>
  /** Those of the VMs that the node has, and what they have used since their start: of any number by one call. */
  measureVms(vmIds: readonly string[]): Promise<VmMeasurement[]>
  /**
   * What runs in a VM, by its guest agent and by what its node knows; null where it does not run. Throws where a connected
   * agent does not answer. Asks nothing more once the signal comes: an agent answers one call at a time.
   */
  readGuest(vmId: string, signal: AbortSignal): Promise<GuestReading | null>
  /** The addresses of a VM's network cards, in their order, running or not; null where the node has no such VM. */
  findMacs(vmId: string): Promise<string[] | null>

  /** Makes disk `target` of a VM in the worker's pool: empty, or a copy-on-write clone of a base image. */
  createDisk(disk: DiskRequest): Promise<void>
  /** Makes the drive that cloud-init in the guest reads, unless it is there in this revision. */
  ensureSeed(seed: SeedRequest): Promise<void>
  /** Removes every file of the VM from the worker's pool: disks, overlays, saved memory. Refused with `failed_precondition` while the VM is defined. */
  deleteVmFiles(vmId: string): Promise<void>

  defineVm(vm: VmDefinition): Promise<void>
  /** Changes what the next start takes by what differs between the two specs; disks, cdroms and network cards stay as they are. */
  changeSpec(before: VmDefinition, after: VmDefinition): Promise<void>
  /** Gives a VM that runs what it can have of its spec without a restart: cores and memory up to the most that it was started with, and a password in place of another one. */
  hotplugVm(vm: VmDefinition): Promise<void>
  /** Removes the definition of a stopped VM, with everything libvirt keeps beside it. */
  undefineVm(vmId: string, options?: UndefineOptions): Promise<void>

  startVm(vmId: string): Promise<void>
  /** Asks the guest to shut down (agent or ACPI) and returns; whether it does is the guest's matter. */
  requestShutdown(vmId: string): Promise<void>
  /** Takes the power away. */
  destroyVm(vmId: string): Promise<void>
  /** Asks the guest of a running VM to reboot (agent or ACPI) and returns, maybe only when the guest has answered; an event says when it has. */
  requestReboot(vmId: string): Promise<void>
  /** Resets a running VM, as by its reset button. */
  resetVm(vmId: string): Promise<void>
  /** The guest stands still, and keeps its memory. */
  pauseVm(vmId: string): Promise<void>
  /** The guest goes on where it stood still; its clock is behind then. */
  resumeVm(vmId: string): Promise<void>
  /** Sets a guest's clock, through its agent, to the node's after it stood still. Resolves also where the guest did not let it. */
  correctClock(vmId: string): Promise<ClockCorrection>

  /** The file of each disk of a VM, defined or not. Throws `failed_precondition` where a disk is not one file alone. */
  findDisks(vmId: string): Promise<SnapshotDisk[]>
  /** Gives a file of a VM another name in the pool, under which it is no longer the VM's. Refused with `failed_precondition` while a definition of the VM names it. */
  keepVolume(vmId: string, from: string, to: string): Promise<void>

  /** For people: the pool's files that stand on a file of the image directory, and the definitions that name it. */
  findImageUsers(image: string): Promise<string[]>

  /** Tells of state changes as they happen, also those that nobody asked for. Returns the way to stop listening. */
  onVmEvent(listener: (event: VmEvent) => void): () => void
  /** Tells that events may have been lost: everything is to be looked at again. Returns the way to stop listening. */
  onEventsLost(listener: () => void): () => void

  close(): Promise<void>
}

export interface UndefineOptions {
  /** The UEFI variables and the TPM stay: whoever defines the VM again finds them. */
  keepState?: boolean
}

export interface NodeDescription {
  /** Stable across restarts of libvirt and the machine. */
  hostUuid: string
  hostname: string
  libvirtVersion: string | null
  qemuVersion: string | null
  cpuCount: number
  memoryMib: number
  /** Of the host's time stamp counter; null where the node does not say. */
  tscFrequencyHz: number | null
  tscScaling: boolean
  /** Free in the worker's storage pool; null where the node does not say. */
  storageFreeBytes: number | null
}

export type RunState = 'RUNNING' | 'PAUSED' | 'STOPPED'

/**
 * How a VM came into its state. `shutdown` is the guest's own doing; `crashed` a QEMU that ended unexpectedly or a guest
 * that panicked; `destroyed` power that was taken away; `io-error` and `watchdog` are why a VM stands still;
 * `changing` a state that passes by itself: a VM stands still for a moment while it is started.
 */
export type StateReason =
  | 'started'
  | 'resumed'
  | 'paused'
  | 'io-error'
  | 'watchdog'
  | 'shutdown'
  | 'destroyed'
  | 'crashed'
  | 'start-failed'
  | 'changing'

export interface VmObservation {
  vmId: string
  state: RunState
  /** Null where the hypervisor does not say. */
  stateReason: StateReason | null
  /** Another one after each start; null while stopped. */
  runId: string | null
  /** The node keeps its definition: a VM that was undefined while it runs is gone when it stops. */
  definedOnNode: boolean
  /** The CPU of the live definition; null while stopped. */
  effectiveCpu: CpuFacts | null
  /** What it was started with, and given since; null while stopped, and of a VM that was defined without saying it. */
  runningSpec: RunningSpec | null
  /** Whether qemu-guest-agent answers; null while stopped. */
  guestAgentConnected: boolean | null
}

export interface GuestReading {
  runId: string
  report: GuestReport
}

export interface VmEvent {
  vmId: string
  /** Null of one whose definition came or went. */
  state: RunState | null
  /** Only of one that has just come into its state: how it did; null where the hypervisor does not say. */
  reason?: StateReason | null
  /** Its guest began anew, without the VM having stopped. */
  rebooted?: true
  /** Its guest agent has just connected. */
  agentCame?: true
  /** Its guest agent is not connected. */
  agentWent?: true
  /** Its guest has let go of a device. */
  deviceRemoved?: true
}

export interface DiskRequest {
  vmId: string
  /** `vda`, `vdb`, … */
  target: string
  /** Names the file of a disk that comes after its VM was made. */
  operationId?: string
  sizeGib?: number | undefined
  baseImage?: string | undefined
}

export interface SeedRequest {
  vmId: string
  /** Of what it is made from: with another one it is made anew. */
  revision: string
  /** Its files by name; asked only where it is to be made. */
  files(): Promise<Record<string, string>>
}

export interface VmDefinition {
  vmId: string
  name: string
  description: string
  spec: VmSpec
  /** What the guest's TSC is pinned to, Hz; null where it is not. */
  tscFrequencyHz: number | null
  /** Others made it: its title and description are theirs. */
  keepsText?: boolean
  /** In clear; null where the display asks for none. A change that has null before and after keeps what there is. */
  displayPassword: string | null
}
