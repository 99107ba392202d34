import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { DiskRequest } from '#worker/hypervisor/port.ts'
import { vmPrefix } from '#worker/hypervisor/storage-names.ts'
import { volumeFor } from './disk-volume.ts'
import { findDomain } from './domain.ts'
import type { Images } from './images.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import type { SnapshotJournal } from './snapshot/journal.ts'
import type { ReclaimJournal } from './snapshot/reclaim-journal.ts'
import type { RevertJournal } from './snapshot/revert-journal.ts'
import { readDefinitions } from './snapshot/state.ts'
import type { StoragePool } from './storage-pool.ts'
import type { VolumeFacts } from './xml/read-storage.ts'
import type { VolumeParameters } from './xml/storage.ts'

interface Deps {
  connection: LibvirtConnection
  pool: StoragePool
  images: Images
}

/** Makes a disk; one that is there as wanted stays, a half-made one is made again. */
export async function createDisk({ connection, pool, images }: Deps, disk: DiskRequest): Promise<void> {
  const wanted = await volumeFor(images, disk)
  if (await pool.create(wanted)) return
  await pool.list()
  const found = await pool.read(wanted.name)
  if (found && isAsWanted(found, wanted)) return
  if (await mayBeUsed(connection, disk, volumePath(pool, wanted.name))) {
    throw new AppError('failed_precondition', `Disk ${disk.target} exists, is another one, and its VM is defined.`, {
      reason: 'DISK_IN_USE',
    })
  }
  await pool.remove(wanted.name)
  if (await pool.create(wanted)) return
  throw new AppError('unavailable', `Disk ${disk.target} was made by somebody else at the same time.`)
}

/** A VM that is defined may have it; one that comes later, only where a definition names it. */
async function mayBeUsed(connection: LibvirtConnection, disk: DiskRequest, file: string): Promise<boolean> {
  const dom = await findDomain(connection, disk.vmId)
  if (!dom || disk.operationId === undefined) return dom !== null
  const { live, inactive } = await readDefinitions(connection, dom)
  return [...live.disks, ...inactive.disks].some(({ path }) => path === file)
}

const isAsWanted = (found: VolumeFacts, wanted: VolumeParameters): boolean =>
  found.format === 'qcow2' &&
  found.capacityBytes === wanted.capacityBytes &&
  found.backing?.path === wanted.backing?.path &&
  found.backing?.format === wanted.backing?.format

interface FilesDeps {
  connection: LibvirtConnection
  pool: StoragePool
  journal: SnapshotJournal
  reverts: RevertJournal
  reclaims: ReclaimJournal
}

/** Removes every file of a VM that is not defined. */
export async function deleteVmFiles(deps: FilesDeps, vmId: string): Promise<void> {
  const { connection, pool, journal, reverts, reclaims } = deps
  if (await findDomain(connection, vmId)) {
    throw new AppError('failed_precondition', 'The files of a VM that is defined are not removed.', {
      reason: 'VM_IS_DEFINED',
    })
  }
  for (const volume of (await pool.list()).filter((name) => name.startsWith(vmPrefix(vmId)))) {
    await pool.remove(volume)
  }
  await journal.removeVm(vmId)
  await reverts.remove(vmId)
  await reclaims.remove(vmId)
}

/** The path of a file in the pool. */
export const volumePath = (pool: StoragePool, volume: string): string => path.join(pool.directory, volume)
