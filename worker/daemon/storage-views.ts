import path from 'node:path'
import type { StoragePoolType } from '#db/storage-pool-source.ts'
import type { StoragePoolFileEntry } from '#proto/gen/limiquantix/node/v1/StoragePoolFileEntry.ts'
import type { StoragePoolInfoResponse } from '#proto/gen/limiquantix/node/v1/StoragePoolInfoResponse.ts'
import type { VolumeInfoResponse } from '#proto/gen/limiquantix/node/v1/VolumeInfoResponse.ts'
import type { PoolFile, StoragePoolState, Volume } from '#worker/hypervisor/storage-calls.ts'

const types = {
  'local-dir': 'STORAGE_POOL_TYPE_LOCAL_DIR',
  nfs: 'STORAGE_POOL_TYPE_NFS',
  iscsi: 'STORAGE_POOL_TYPE_ISCSI',
  'ceph-rbd': 'STORAGE_POOL_TYPE_CEPH_RBD',
} as const satisfies Record<StoragePoolType, string>

export const poolView = (pool: StoragePoolState): StoragePoolInfoResponse => ({
  poolId: pool.poolId,
  type: types[pool.source.type],
  mountPath: pool.mountPath ?? '',
  rbdPool: pool.source.type === 'ceph-rbd' ? pool.source.pool : '',
  totalBytes: pool.capacityBytes,
  availableBytes: pool.availableBytes,
  usedBytes: pool.allocationBytes,
  volumeCount: pool.volumeCount,
  active: pool.active,
  problem: pool.problem ?? '',
})

export const volumeView = (volume: Volume): VolumeInfoResponse => ({
  volumeId: volume.volumeId,
  poolId: volume.poolId,
  sizeBytes: volume.capacityBytes,
  format: volume.format,
  path: volume.path,
  attachedTo: volume.vmId ?? '',
})

/** An entry of a directory, which is a path in its pool. */
export const fileView = (directory: string, file: PoolFile): StoragePoolFileEntry => ({
  name: file.name,
  path: path.posix.join(directory, file.name),
  isDirectory: file.isDirectory,
  sizeBytes: file.sizeBytes,
  modifiedAt: file.modifiedAt,
  fileType: file.isDirectory ? 'directory' : path.extname(file.name).slice(1),
  permissions: permissions(file.mode),
})

/** As ls writes them. */
const permissions = (mode: number): string =>
  [...'rwxrwxrwx'].map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-')).join('')
