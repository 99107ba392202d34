import { isDeepStrictEqual } from 'node:util'
import { AppError } from '#db/errors.ts'
import { plainNamePattern } from '#db/plain-name.ts'
import type { StoragePoolSource, StoragePoolType } from '#db/storage-pool-source.ts'
import type { VolumeSource } from '#db/volume-source.ts'
import type { NewVolume, VolumeName } from './storage-calls.ts'

/** What a type of pool is made of, and what that is called. Volumes are made only in file systems. */
export const poolTypes = {
  'local-dir': { noun: 'a directory', isFileSystem: true },
  nfs: { noun: 'an NFS export', isFileSystem: true },
  iscsi: { noun: 'an iSCSI target', isFileSystem: false },
  'ceph-rbd': { noun: 'a pool of a Ceph cluster', isFileSystem: false },
} as const satisfies Record<StoragePoolType, { noun: string; isFileSystem: boolean }>

/** What a volume was asked to be; whoever asks for the same again gets the one that is there. */
export interface VolumeOrigin {
  sizeBytes: number | null
  source: VolumeSource
  /** The volume that it is a snapshot of; null where it is none. */
  snapshotOf: string | null
}

export const originOf = ({ sizeBytes, source }: NewVolume): VolumeOrigin => ({ sizeBytes, source, snapshotOf: null })

export const snapshotOrigin = (volumeId: string): VolumeOrigin => ({
  sizeBytes: null,
  source: { type: 'volume', volumeId },
  snapshotOf: volumeId,
})

/** Throws `already_exists` where the volume that is there was asked for by another request, or by nobody. */
export function requireSameOrigin(name: VolumeName, found: VolumeOrigin | undefined, wanted: VolumeOrigin): void {
  if (isDeepStrictEqual(found, wanted)) return
  throw new AppError('already_exists', `The pool has another volume "${name.volumeId}". Choose another name.`, {
    reason: 'VOLUME_EXISTS',
  })
}

/** Throws `already_exists` where the pool that is there is made of something else. */
export function requireSameSource(poolId: string, found: StoragePoolSource, wanted: StoragePoolSource): void {
  if (isDeepStrictEqual(found, wanted)) return
  throw new AppError(
    'already_exists',
    `The node has another storage pool "${poolId}". Choose another name, or destroy that one first.`,
    { reason: 'POOL_EXISTS' },
  )
}

/** Throws `invalid_argument` for what is no plain name. */
export function requirePlainName(field: 'pool_id' | 'volume_id' | 'snapshot_id', name: string): void {
  if (plainNamePattern.test(name)) return
  throw new AppError('invalid_argument', `${field} must be a plain name: letters, digits and . _ + -, at most 128.`, {
    reason: 'INVALID_ID',
    details: { field },
  })
}

/** What takes a pool with files. */
export type FileSystemWork = 'list files' | 'make volumes' | 'delete volumes' | 'resize volumes'

/**
 * Throws `failed_precondition` for what a pool cannot do by its nature, and `unimplemented` for what it could and this version
 * does not.
 */
export function requireFileSystem(type: StoragePoolType, what: FileSystemWork): void {
  const { isFileSystem, noun } = poolTypes[type]
  if (isFileSystem) return
  if (what === 'list files') {
    throw new AppError('failed_precondition', `A pool that is ${noun} has no files to list. List its volumes.`, {
      reason: 'POOL_CANNOT',
    })
  }
  if (type === 'ceph-rbd') {
    throw new AppError(
      'unimplemented',
      `Quantix does not yet ${what} in a pool of a Ceph cluster: do that with rbd, then its volumes can be attached.`,
      { reason: 'NOT_IMPLEMENTED' },
    )
  }
  throw new AppError(
    'failed_precondition',
    `A pool that is ${noun} cannot ${what}: do that on its server, then its volumes can be attached.`,
    { reason: 'POOL_CANNOT' },
  )
}

const sectorBytes = 512

/** What QEMU makes of a size: its images have whole sectors. */
export const wholeSectors = (bytes: number): number => Math.ceil(bytes / sectorBytes) * sectorBytes

/**
 * The size of a volume that is made of something of `sourceBytes`, or of nothing. Throws `invalid_argument` for one below its
 * source's, and for none of an empty one.
 */
export function sizeOf(asked: number | null, sourceBytes: number | null): number {
  if (asked === null && sourceBytes === null) {
    throw new AppError('invalid_argument', 'An empty volume needs a size.', { reason: 'VOLUME_WITHOUT_SIZE' })
  }
  if (asked === null || sourceBytes === null || asked >= sourceBytes) return wholeSectors(asked ?? sourceBytes ?? 0)
  throw new AppError(
    'invalid_argument',
    `The volume is to have ${asked} bytes, and what it is made of has ${sourceBytes}: leave the size out, or make it larger.`,
    { reason: 'VOLUME_SMALLER_THAN_SOURCE' },
  )
}

/** Throws `failed_precondition` where the size is below what the volume has. */
export function requireGrowth(name: VolumeName, fromBytes: number, toBytes: number): void {
  if (toBytes >= fromBytes) return
  throw new AppError(
    'failed_precondition',
    `The volume "${name.volumeId}" has ${fromBytes} bytes, and volumes only grow: what a guest keeps at its end would be lost.`,
    { reason: 'VOLUME_CANNOT_SHRINK' },
  )
}

/** Whether a path is inside a directory; both absolute, and neither with links or steps back. */
export const isBelow = (directory: string, path: string): boolean =>
  path !== directory && path.startsWith(directory.endsWith('/') ? directory : `${directory}/`)

export const poolNotFound = (poolId: string): AppError =>
  new AppError('not_found', `The node has no storage pool "${poolId}".`, { reason: 'POOL_NOT_FOUND' })

export const volumeNotFound = ({ poolId, volumeId }: VolumeName): AppError =>
  new AppError('not_found', `The storage pool "${poolId}" has no volume "${volumeId}".`, { reason: 'VOLUME_NOT_FOUND' })

export const sourceTaken = (text: string): AppError =>
  new AppError('failed_precondition', `${text} One place is one pool: use that one, or destroy it first.`, {
    reason: 'POOL_SOURCE_TAKEN',
  })

export const pathNotAllowed = (path: string, allowed: readonly string[]): AppError =>
  new AppError(
    'failed_precondition',
    `${path} is not below a directory that this node allows for pools (${allowed.join(', ')}). Choose one below, or have the node's ` +
      'administrator allow it in QUANTIX_POOL_DIRECTORIES.',
    { reason: 'POOL_PATH_NOT_ALLOWED', details: { allowed } },
  )

/** `by` says who uses it, and what to do. */
export const volumeInUse = ({ volumeId }: VolumeName, by: string): AppError =>
  new AppError('failed_precondition', `The volume "${volumeId}" is in use: ${by}.`, { reason: 'VOLUME_IN_USE' })

export const poolInUse = (poolId: string, by: string): AppError =>
  new AppError('failed_precondition', `The storage pool "${poolId}" is in use: ${by}.`, { reason: 'POOL_IN_USE' })

export const poolFull = (poolId: string, cause?: unknown): AppError =>
  new AppError('resource_exhausted', `The storage pool "${poolId}" has not enough room. Free some, then try again.`, {
    reason: 'POOL_FULL',
    cause,
  })

export const directoryTooLarge = (entriesMax: number): AppError =>
  new AppError(
    'resource_exhausted',
    `The directory has more than ${entriesMax} entries, and one answer holds no more. List it on the node.`,
    { reason: 'DIRECTORY_TOO_LARGE', details: { entriesMax } },
  )

export const directoryNotFound = (poolId: string, directory: string): AppError =>
  new AppError('not_found', `The storage pool "${poolId}" has no directory "${directory}".`, {
    reason: 'DIRECTORY_NOT_FOUND',
  })
