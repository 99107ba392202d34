import { AppError } from '#db/errors.ts'
import type { StorageCalls } from '#worker/hypervisor/storage-calls.ts'

const refuse = async () => {
  throw new AppError('unimplemented', 'This node knows no storage pools yet, but its own.', {
    reason: 'NOT_IMPLEMENTED',
  })
}

/** Storage pools on libvirt: not there yet, and they say so. */
export const storageCalls = (): StorageCalls => ({
  initStoragePool: refuse,
  destroyStoragePool: refuse,
  findStoragePool: refuse,
  listStoragePools: refuse,
  listPoolFiles: refuse,
  createVolume: refuse,
  deleteVolume: refuse,
  resizeVolume: refuse,
  snapshotVolume: refuse,
  findVolume: refuse,
  listVolumes: refuse,
  describeAttachment: refuse,
})
