import { access, rename } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import { syncDirectory } from '#worker/files.ts'
import { seedVolume } from '#worker/hypervisor/storage-names.ts'
import { requireAlone, requireKnown } from '../disk-files.ts'
import { volumePath } from './disks.ts'
import { findDomain, readInactiveXml } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { readDefinitions } from './snapshot/state.ts'
import { readVmVolumes } from './snapshot/volumes.ts'
import type { StoragePool } from './storage-pool.ts'
import { readDomain } from './xml/read-domain.ts'

interface Deps {
  connection: LibvirtConnection
  pool: StoragePool
}

/**
 * The file of each disk of a VM: as the definition of its next start has them, or, where there is none any more, as the files
 * themselves do. Throws `failed_precondition` where a disk has more than one.
 */
export async function findDisks({ connection, pool }: Deps, vmId: string): Promise<SnapshotDisk[]> {
  const nameOf = (file: string) => (path.dirname(file) === pool.directory ? path.basename(file) : null)
  const volumes = await readVmVolumes(pool, vmId)
  const files = [...volumes].map(([name, { backing }]) => ({ name, backing: backing && nameOf(backing.path) }))
  const dom = await findDomain(connection, vmId)
  if (!dom) return requireKnown(vmId, files)
  const disks = readDomain(await readInactiveXml(connection, dom)).disks.flatMap(({ target, device, path: file }) => {
    const volume = file === null ? null : nameOf(file)
    return device === 'disk' && volume !== null && volumes.has(volume) && volume !== seedVolume(vmId)
      ? [{ target, volume }]
      : []
  })
  return requireAlone(disks, files)
}

/**
 * Gives a file of a VM its new name; one that has it already keeps it. Throws `failed_precondition` while a definition of
 * the VM names it, and where there is neither.
 */
export async function keepVolume({ connection, pool }: Deps, vmId: string, from: string, to: string): Promise<void> {
  await requireUnnamed(connection, vmId, volumePath(pool, from))
  await renameVolume(pool, from, to)
}

/** Throws `failed_precondition` for a file that the VM has, or would have at its next start. */
export async function requireUnnamed(connection: LibvirtConnection, vmId: string, file: string): Promise<void> {
  const dom = await findDomain(connection, vmId)
  if (!dom) return
  const { live, inactive } = await readDefinitions(connection, dom)
  if (![...live.disks, ...inactive.disks].some((disk) => disk.path === file)) return
  throw new AppError('failed_precondition', 'The files that a VM is defined with are neither renamed nor removed.', {
    reason: 'VM_IS_DEFINED',
  })
}

/** Renames a file of the pool, once. Throws `failed_precondition` where there is neither. */
export async function renameVolume(pool: StoragePool, from: string, to: string): Promise<void> {
  try {
    await rename(volumePath(pool, from), volumePath(pool, to))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    await access(volumePath(pool, to)).catch(() => {
      throw new AppError('failed_precondition', `The file ${from} is missing on the node.`, {
        reason: 'DISK_FILE_MISSING',
      })
    })
  }
  // Whoever hears of the new name finds it there, whatever becomes of the machine.
  await syncDirectory(pool.directory)
}
