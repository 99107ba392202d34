import type { VolumeMove } from '#db/operations/resource-change.ts'
import type { ClockCorrection } from '#db/operations/result.ts'
import type { CpuFacts } from '#db/rules/memory-snapshot.ts'
import type {
  FreezeRecord,
  QuiescePolicy,
  SnapshotConsistency,
  SnapshotDisk,
  SnapshotKind,
} from '#db/schema/snapshot.ts'
import type { DiskProblem } from '#db/schema/vm.ts'

/** Snapshots of a VM, and the files that hold them. */
export interface SnapshotCalls {
  /** Takes a snapshot and says what was really taken. Refuses with `memorySnapshotBlockedError` what the running CPU cannot do. */
  createSnapshot(request: SnapshotRequest): Promise<SnapshotTaken>
  /**
   * Removes what a failed `createSnapshot` may have left: files that no definition names. Resolves to whether files of it
   * are left because the VM writes to them; `reclaimFiles` merges those.
   */
  discardSnapshot(vmId: string, snapshotId: string): Promise<boolean>
  /**
   * Puts a VM's disks back to a snapshot, each on a fresh overlay named by the operation; of a memory snapshot the VM runs
   * on from that moment, of another one it ends stopped, or started when asked. What was current stays in its files.
   * A failure before the VM was stopped leaves it as it was.
   */
  revertToSnapshot(request: RevertRequest): Promise<Reverted>
  /** After a revert that failed: the VM is again on the disks that were current, and runs if it ran. */
  undoRevert(request: RevertRequest): Promise<void>
  /**
   * Removes, or merges into their neighbour, the VM's files that neither the VM itself nor a snapshot to keep needs. No
   * content that is kept changes. What several files still stand on stays, until one is left.
   */
  reclaimFiles(request: ReclaimRequest): Promise<Reclaimed>
  /** Which volumes of these snapshots have another name now; a `reclaimFiles` that failed may have merged files before. */
  findMoves(vmId: string, snapshots: readonly StoredSnapshot[]): Promise<VolumeMove[]>
  /**
   * Holds what QEMU writes to against libvirt's definitions and the snapshots, and repairs what differs without losing a
   * byte. Resolves to what it could not repair, null where all agree. Leaves a VM alone that another call works on.
   */
  checkDisks(request: DiskCheckRequest): Promise<DiskProblem | null>
}

export interface SnapshotRequest {
  vmId: string
  snapshotId: string
  includeMemory: boolean
  /** Null does not freeze the guest. */
  quiesce: { policy: QuiescePolicy; timeoutSeconds: number } | null
}

/** The files that hold a snapshot. */
export interface StoredSnapshot {
  snapshotId: string
  kind: SnapshotKind
  disks: SnapshotDisk[]
  memoryVolume: string | null
  nvramVolume: string | null
}

export interface SnapshotTaken {
  kind: SnapshotKind
  consistency: SnapshotConsistency
  /** For people: why it is less than what was preferred. */
  notice: string | null
  freeze: FreezeRecord | null
  disks: SnapshotDisk[]
  memoryVolume: string | null
  nvramVolume: string | null
  sizeBytes: number
  effectiveCpu: CpuFacts | null
  machineType: string | null
  domainXml: string
  libvirtVersion: string | null
  qemuVersion: string | null
}

export interface RevertRequest {
  vmId: string
  /** Names the fresh overlays. */
  operationId: string
  snapshot: StoredSnapshot
  /** The snapshot that what is current becomes; null keeps nothing of it (`reclaimFiles` removes it then). */
  keepAs: string | null
  /** Start the VM afterwards; a memory snapshot runs in any case. */
  start: boolean
}

export interface Reverted {
  /** What was current, as a snapshot; null where nothing was to be kept. */
  kept: SnapshotTaken | null
  /** How the guest's clock was corrected after its memory came back; null where there was nothing to correct. */
  clock: ClockCorrection | null
}

export interface ReclaimRequest {
  vmId: string
  /** Every snapshot that stays. */
  keep: readonly StoredSnapshot[]
  /** Waited for once the VM was found sound, before anything of it is changed. */
  onBegin?(): Promise<void>
}

export interface Reclaimed {
  /** Of the snapshots that were kept. */
  moved: VolumeMove[]
  copiedBytes: number
  freedBytes: number
}

export interface DiskCheckRequest {
  vmId: string
  /** Every snapshot that there is. */
  snapshots: readonly StoredSnapshot[]
}
