import { AppError } from '#db/errors.ts'
import type { DiskRequest } from '#worker/hypervisor/port.ts'
import { attachedVolume, diskVolume } from '#worker/hypervisor/storage-names.ts'
import type { Images } from './images.ts'
import type { VolumeParameters } from './xml/storage.ts'

const gib = 2 ** 30

/** The volume that a disk is to be. Throws for a base image that is not there, cannot be used, or is larger than the disk. */
export async function volumeFor(images: Images, disk: DiskRequest): Promise<VolumeParameters> {
  const name = volumeName(disk)
  const askedBytes = disk.sizeGib === undefined ? undefined : disk.sizeGib * gib
  if (disk.baseImage === undefined) {
    if (askedBytes === undefined)
      throw new AppError('invalid_argument', `Disk ${disk.target} has neither size nor image.`)
    return { name, capacityBytes: askedBytes, backing: null }
  }
  const image = await images.find('baseImage', disk.baseImage)
  if (askedBytes !== undefined && askedBytes < image.virtualSizeBytes) {
    throw new AppError(
      'invalid_argument',
      `Disk ${disk.target} of ${disk.sizeGib} GiB is smaller than its base image "${disk.baseImage}" ` +
        `(${(image.virtualSizeBytes / gib).toFixed(2)} GiB): leave the size out, or make it larger.`,
      { reason: 'DISK_SMALLER_THAN_IMAGE' },
    )
  }
  return {
    name,
    capacityBytes: askedBytes ?? image.virtualSizeBytes,
    backing: { path: image.path, format: image.format },
  }
}

const volumeName = ({ vmId, target, operationId }: DiskRequest): string =>
  operationId === undefined ? diskVolume(vmId, target) : attachedVolume(vmId, target, operationId)
