import { access, open, rename } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import { requireAlone, requireKnown } from '../disk-files.ts'
import { volumePath } from './disks.ts'
import { findDomain, readInactiveXml } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { readVmVolumes } from './snapshot/volumes.ts'
import type { StoragePool } from './storage-pool.ts'
import { readDomain } from './xml/read-domain.ts'

interface Deps {
  connection: LibvirtConnection
  pool: StoragePool
}

/**
 * The file of each disk of a stopped VM: as its definition has them, or, where there is none any more, as the files
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
    return device === 'disk' && volume !== null && volumes.has(volume) ? [{ target, volume }] : []
  })
  return requireAlone(disks, files)
}

/**
 * Gives a file of a VM that is not defined its new name; one that has it already keeps it. Throws `failed_precondition`
 * while the VM is defined, and where there is neither.
 */
export async function keepVolume({ connection, pool }: Deps, vmId: string, from: string, to: string): Promise<void> {
  if (await findDomain(connection, vmId)) {
    throw new AppError('failed_precondition', 'The files of a VM that is defined are not renamed.', {
      reason: 'VM_IS_DEFINED',
    })
  }
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
  const directory = await open(pool.directory)
  await directory.sync().finally(() => directory.close())
}
