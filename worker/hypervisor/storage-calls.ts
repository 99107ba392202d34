import type { StoragePoolSource } from '#db/storage-pool-source.ts'
import type { VolumeSource } from '#db/volume-source.ts'

/**
 * Storage pools of a node beside the worker's own, and their volumes. A pool's name is its id, a volume's its id in the
 * pool: plain names (db/plain-name.ts), so that nothing outside the pool is ever named.
 *
 * Beside what every call of the hypervisor throws: `not_found` (`POOL_NOT_FOUND`, `VOLUME_NOT_FOUND`), `already_exists` where
 * the id is another one's (`POOL_EXISTS`, `VOLUME_EXISTS`), `failed_precondition` for what is in use (`POOL_IN_USE`,
 * `VOLUME_IN_USE`) or what the pool's type cannot do (`POOL_CANNOT`), `unimplemented` for what it could and this
 * version does not, `resource_exhausted` (`POOL_FULL`), `unavailable` where the pool's server does not answer
 * (`POOL_NOT_REACHABLE`).
 */
export interface StorageCalls {
  /**
   * Makes a pool usable, now and after a restart of the node. The same one again stays; one that cannot be made usable is
   * not made. Throws `failed_precondition` for a directory that is not below those the node allows (`POOL_PATH_NOT_ALLOWED`)
   * and for what is another pool's already (`POOL_SOURCE_TAKEN`). Another secret takes the place of the last once the pool's
   * server has taken it (`POOL_LOGIN_REFUSED`).
   */
  initStoragePool(pool: StoragePool): Promise<StoragePoolState>
  /** Takes a pool off the node; what is in it stays, and one that is not there is fine. Refused while a VM uses one of its volumes. */
  destroyStoragePool(poolId: string): Promise<void>
  findStoragePool(poolId: string): Promise<StoragePoolState>
  /** Those that were made by `initStoragePool`, by id. */
  listStoragePools(): Promise<StoragePoolState[]>
  /**
   * What is in a directory of a pool that is a file system, by name. The directory is a path in the pool; empty means the
   * pool's own. Throws `resource_exhausted` for more than an answer holds (`DIRECTORY_TOO_LARGE`).
   */
  listPoolFiles(poolId: string, directory: string): Promise<PoolFile[]>

  /**
   * Makes a volume; one that was made by the same request stays. Once the signal comes, nothing of it stays. Throws
   * `invalid_argument` for a size below its source's (`VOLUME_SMALLER_THAN_SOURCE`).
   */
  createVolume(volume: NewVolume, signal: AbortSignal): Promise<Volume>
  /** Refused while a VM has it as a disk, or another volume stands on it. One that is not there is fine. */
  deleteVolume(name: VolumeName): Promise<void>
  /** Makes a volume larger, under a guest that runs too. Refuses to make it smaller (`VOLUME_CANNOT_SHRINK`). */
  resizeVolume(name: VolumeName, sizeBytes: number): Promise<void>
  /** Takes a snapshot of a volume that no VM writes to: a volume of its own, which can be a source. */
  snapshotVolume(name: VolumeName, snapshotId: string, signal: AbortSignal): Promise<void>
  findVolume(name: VolumeName): Promise<Volume>
  /** By id. */
  listVolumes(poolId: string): Promise<Volume[]>
  /** The libvirt `disk` element that gives it to a VM, for control planes that write their own. */
  describeAttachment(name: VolumeName): Promise<VolumeAttachment>
}

export interface StoragePool {
  poolId: string
  source: StoragePoolSource
  /** In clear: of an iSCSI target or a Ceph cluster. Null where it asks for none. */
  secret: string | null
}

export interface StoragePoolState {
  poolId: string
  source: StoragePoolSource
  /** Whether it can be used now. */
  active: boolean
  /** For people: why it cannot; null where it can. */
  problem: string | null
  /** On the node; null where it is none. */
  mountPath: string | null
  capacityBytes: number
  allocationBytes: number
  availableBytes: number
  volumeCount: number
}

export interface PoolFile {
  name: string
  isDirectory: boolean
  sizeBytes: number
  /** As ISO 8601. */
  modifiedAt: string
  mode: number
}

export interface VolumeName {
  poolId: string
  volumeId: string
}

export interface NewVolume extends VolumeName {
  /** Null takes the source's. */
  sizeBytes: number | null
  source: VolumeSource
}

export interface Volume extends VolumeName {
  /** As a VM sees it. */
  capacityBytes: number
  /** What it takes of the pool. */
  allocationBytes: number
  format: 'qcow2' | 'raw'
  /** On the node, or how QEMU names it on its server. */
  path: string
  /** The VM that has it as a disk; null where none has. */
  vmId: string | null
  /** The volume that it is a snapshot of; null where it is none. */
  snapshotOf: string | null
}

export interface VolumeAttachment {
  path: string
  diskXml: string
}
