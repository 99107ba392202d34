import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { keptVolumePattern } from '#db/kept-volume.ts'
import type { DiskContent, VolumeTake } from '#worker/hypervisor/device-calls.ts'
import { requireImage } from '#worker/images/require-image.ts'
import { volumePath } from '../disks.ts'
import type { Images } from '../images.ts'
import { renameVolume, requireUnnamed } from '../kept-disks.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { readOverlayFile } from '../snapshot/overlay-file.ts'
import type { StoragePool } from '../storage-pool.ts'

interface Deps {
  connection: LibvirtConnection
  pool: StoragePool
  images: Images
}

const gib = 2 ** 30
const listedMax = 10

/** Gives a kept volume its name as a VM's disk, after the inspector has seen it, before QEMU does. */
export async function takeVolume(deps: Deps, { volume, as }: VolumeTake): Promise<DiskContent> {
  const { pool } = deps
  const there = new Set(await readdir(pool.directory))
  const name = [as, volume].find((candidate) => there.has(candidate))
  if (name === undefined) throw noVolume(volume, [...there].filter((other) => keptVolumePattern.test(other)).sort())
  const content = await inspectVolume(deps, volumePath(pool, name))
  await renameVolume(pool, volume, as)
  return content
}

async function inspectVolume({ images }: Deps, file: string): Promise<DiskContent> {
  const { virtualSizeBytes } = await requireImage(file, { noun: 'volume', formats: ['qcow2'], mayHaveBacking: true })
  const sizeGib = virtualSizeBytes / gib
  const { backing, backingFormat } = (await readOverlayFile(file)) ?? { backing: null, backingFormat: null }
  if (backing === null) return { sizeGib: Math.ceil(sizeGib) }
  const baseImage = path.basename(backing)
  const image = await images.find('baseImage', baseImage)
  if (image.path !== backing || image.format !== backingFormat) throw onForeignFile(file, backing)
  return { baseImage, ...(Number.isInteger(sizeGib) && { sizeGib }) }
}

const onForeignFile = (file: string, backing: string): AppError =>
  new AppError(
    'failed_precondition',
    `The volume "${path.basename(file)}" cannot be used: it stands on ${backing}, which is no image of this node.`,
    { reason: 'IMAGE_HAS_BACKING_FILE' },
  )

/** The refusal of a volume that is not there, with those that are. */
export const noVolume = (volume: string, available: readonly string[]): AppError =>
  new AppError(
    'not_found',
    `The node has no kept volume "${volume}". ${available.length === 0 ? 'There is none.' : `There is ${available.slice(0, listedMax).join(', ')}.`}`,
    { reason: 'VOLUME_NOT_FOUND', details: { available: available.slice(0, listedMax) } },
  )

/** Removes a file of a VM that none of its definitions names. */
export async function removeVolume({ connection, pool }: Deps, vmId: string, volume: string): Promise<void> {
  await requireUnnamed(connection, vmId, volumePath(pool, volume))
  await pool.remove(volume)
}
