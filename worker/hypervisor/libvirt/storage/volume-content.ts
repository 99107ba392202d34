import { stat, statfs } from 'node:fs/promises'
import type { VolumeSource } from '#db/volume-source.ts'
import { poolFull, requirePlainName, volumeInUse, volumeNotFound } from '#worker/hypervisor/storage-rules.ts'
import { requireImage } from '#worker/images/require-image.ts'
import type { Images } from '../images.ts'
import { blockBytes } from '../snapshot/overlay-file.ts'
import { placesOfFile, readVolumeFile } from './file-volumes.ts'
import type { VolumeUsers } from './volume-users.ts'

/** What a volume is a copy of. */
export interface Content {
  path: string
  format: 'qcow2' | 'raw'
  /** As a VM sees it. */
  capacityBytes: number
  /** The most that a copy takes. */
  allocationBytes: number
}

interface Deps {
  poolId: string
  poolName: string
  directory: string
  images: Images
  users(): Promise<VolumeUsers>
}

/**
 * The file that a volume is to be a copy of, inspected before QEMU opens it; null where it is to be empty. Throws
 * `not_found`, and `failed_precondition` where a VM writes to it or it could lead QEMU to other files.
 */
export async function findContent(deps: Deps, source: VolumeSource): Promise<Content | null> {
  if (source.type === 'empty') return null
  if (source.type === 'image') {
    const { path, format, virtualSizeBytes } = await deps.images.find('baseImage', source.name)
    return { path, format, capacityBytes: virtualSizeBytes, allocationBytes: (await stat(path)).blocks * blockBytes }
  }
  const { poolId, poolName, directory } = deps
  const name = { poolId, volumeId: source.volumeId }
  requirePlainName('volume_id', name.volumeId)
  const volume = await readVolumeFile(directory, name.volumeId)
  if (!volume) throw volumeNotFound(name)
  const user = await (await deps.users()).of(placesOfFile(poolName, volume.path))
  if (user?.runs) throw volumeInUse(name, `VM ${user.vmId} runs with it. Stop it first`)
  const { virtualSizeBytes } = await requireImage(volume.path, { noun: 'volume', formats: ['qcow2'] })
  return {
    path: volume.path,
    format: 'qcow2',
    capacityBytes: virtualSizeBytes,
    allocationBytes: volume.allocationBytes,
  }
}

/** Throws `resource_exhausted` where a copy may not find room: a full file system is full for all who write there. */
export async function requireRoom(poolId: string, directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  if (bavail * bsize < bytes) throw poolFull(poolId)
}
