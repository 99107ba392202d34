import { lstat, unlink } from 'node:fs/promises'
import { AppError } from '#db/errors.ts'
import type { VolumeName } from '#worker/hypervisor/storage-calls.ts'
import {
  requireGrowth,
  requireSameOrigin,
  sizeOf,
  type VolumeOrigin,
  volumeInUse,
  volumeNotFound,
} from '#worker/hypervisor/storage-rules.ts'
import { requireImage } from '#worker/images/require-image.ts'
import { requireDomain } from '../domain.ts'
import { writtenByQemu } from '../file-locks.ts'
import type { Images } from '../images.ts'
import { qemuImg } from '../qemu-img.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { DomainBlockResizeFlags } from '../rpc/constants.gen.ts'
import { remote } from '../rpc/protocol.gen.ts'
import { listVolumeFiles, nullIfMissing, placesOfFile, readVolumeFile, volumeFile } from './file-volumes.ts'
import { showLibvirt } from './libvirt-pool.ts'
import type { OpenPool } from './open-pool.ts'
import type { VolumeMaker } from './place-volume.ts'
import type { PoolRecords } from './pool-records.ts'
import { findContent, requireRoom } from './volume-content.ts'
import { readVolumeUsers } from './volume-users.ts'

export interface VolumeDeps {
  connection: LibvirtConnection
  slowConnection: LibvirtConnection
  poolConnection: LibvirtConnection
  images: Images
  records: PoolRecords
  maker: VolumeMaker
}

/** A pool whose volumes are files. */
export interface FilePool extends OpenPool {
  directory: string
}

/** Makes a volume, unless it was made by the same request. Throws `already_exists` where another one, or something else, is there. */
export async function makeVolume(
  deps: VolumeDeps,
  pool: FilePool,
  { volumeId, origin, signal }: { volumeId: string; origin: VolumeOrigin; signal: AbortSignal },
): Promise<void> {
  const { connection, poolConnection, images, records, maker } = deps
  const { poolId, directory, parameters, reference } = pool
  const name = { poolId, volumeId }
  const known = (await records.require(poolId)).volumes[volumeId]
  if (await lstat(volumeFile(directory, volumeId)).catch(nullIfMissing)) return requireSameOrigin(name, known, origin)
  signal.throwIfAborted()
  const users = () => readVolumeUsers(connection)
  const content = await findContent({ poolId, poolName: parameters.name, directory, images, users }, origin.source)
  const sizeBytes = sizeOf(origin.sizeBytes, content?.capacityBytes ?? null)
  await requireRoom(poolId, directory, content?.allocationBytes ?? 0)
  const onComplete = () => records.writeVolume(poolId, volumeId, origin)
  let isMade = false
  try {
    isMade = await maker.make({ poolId, directory, volumeId, sizeBytes, content, onComplete }, signal)
  } finally {
    // What somebody else puts there is none of ours.
    if (!isMade) await records.writeVolume(poolId, volumeId, null)
  }
  if (!isMade) requireSameOrigin(name, undefined, origin)
  await showLibvirt(poolConnection, reference)
}

/** Removes a volume that nothing uses. */
export async function deleteVolume(deps: VolumeDeps, pool: FilePool, volumeId: string): Promise<void> {
  const { connection, poolConnection, records } = deps
  const { poolId, directory, parameters, reference } = pool
  const name = { poolId, volumeId }
  const volume = await readVolumeFile(directory, volumeId)
  if (volume) {
    const user = await (await readVolumeUsers(connection)).of(placesOfFile(parameters.name, volume.path))
    if (user) throw volumeInUse(name, `VM ${user.vmId} has it as a disk. Detach it first`)
    const above = (await listVolumeFiles(directory)).find(({ backing }) => backing === volume.path)
    if (above) throw volumeInUse(name, `the volume "${above.volumeId}" stands on it. Delete that one first`)
    await requireUnwritten(name, volume.path)
    await unlink(volume.path).catch(nullIfMissing)
    await showLibvirt(poolConnection, reference)
  }
  await records.writeVolume(poolId, volumeId, null)
}

/** Makes a volume larger; under a VM that runs, its QEMU does it. */
export async function resizeVolume(
  { connection, slowConnection, poolConnection }: VolumeDeps,
  { poolId, directory, parameters, reference }: FilePool,
  { volumeId, sizeBytes }: { volumeId: string; sizeBytes: number },
): Promise<void> {
  const name: VolumeName = { poolId, volumeId }
  const volume = await readVolumeFile(directory, volumeId)
  if (!volume) throw volumeNotFound(name)
  requireGrowth(name, volume.capacityBytes, sizeBytes)
  if (volume.capacityBytes === sizeBytes) return
  const user = await (await readVolumeUsers(connection)).of(placesOfFile(parameters.name, volume.path))
  if (user?.runs) {
    const dom = await requireDomain(connection, user.vmId)
    const flags = DomainBlockResizeFlags.BYTES
    await slowConnection.call(remote.domainBlockResize, { dom, disk: volume.path, size: BigInt(sizeBytes), flags })
  } else {
    await requireImage(volume.path, { noun: 'volume', formats: ['qcow2'] })
    await qemuImg('resize', 'qcow2', [volume.path, String(sizeBytes)])
  }
  await showLibvirt(poolConnection, reference)
}

/** What no definition names may be open all the same. */
async function requireUnwritten(name: VolumeName, file: string): Promise<void> {
  if ((await writtenByQemu([file])).length === 0) return
  throw new AppError(
    'failed_precondition',
    `The volume "${name.volumeId}" is in use: a program of QEMU's writes to it.`,
    {
      reason: 'VOLUME_IN_USE',
    },
  )
}
