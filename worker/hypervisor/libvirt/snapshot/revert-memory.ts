import { access } from 'node:fs/promises'
import { AppError } from '#db/errors.ts'
import { volumePath } from '../disks.ts'
import { startWith } from '../power.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { DomainSaveImageXmlFlags, DomainSaveRestoreFlags } from '../rpc/constants.gen.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import { remote } from '../rpc/protocol.gen.ts'
import type { StoragePool } from '../storage-pool.ts'
import { type DiskFile, withDiskFiles } from '../xml/disk-sources.ts'
import { diskKey, withChangedDevice, withMedium } from '../xml/edit-devices.ts'
import { readDomain } from '../xml/read-domain.ts'

/** Reading a large VM's memory from a slow disk. */
const restoreTimeoutMs = 30 * 60_000

interface Deps {
  connection: LibvirtConnection
  slowConnection: LibvirtConnection
  pool: StoragePool
}

/** The definition that ran when the memory was saved. Throws `failed_precondition` for a file that is missing or not whole. */
export async function readSavedXml({ connection, pool }: Deps, memoryVolume: string): Promise<string> {
  const file = volumePath(pool, memoryVolume)
  try {
    const flags = DomainSaveImageXmlFlags.SECURE
    return (await connection.call(remote.domainSaveImageGetXmlDesc, { file, flags })).xml
  } catch (error) {
    if (!isLibvirtError(error)) throw error
    throw new AppError(
      'failed_precondition',
      `The snapshot's memory ${memoryVolume} cannot be read. (libvirt: ${error.message})`,
      { reason: 'SNAPSHOT_FILE_DAMAGED', cause: error },
    )
  }
}

/** A medium that was in a drive may be gone by now: the guest finds the drive empty, instead of not coming back at all. */
async function withoutLostMedia(domainXml: string): Promise<string> {
  let xml = domainXml
  for (const { target, device, path } of readDomain(domainXml).disks) {
    if (device !== 'cdrom' || path === null || (await isThere(path))) continue
    xml = withChangedDevice(xml, diskKey(target), (drive) => withMedium(drive, null))
  }
  return xml
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

/**
 * Runs a stopped VM on from its saved memory, on other files than it was saved with; the saved memory stays. The guest
 * was saved while it stood still, so files that hold the disks of that moment are what it left.
 */
export async function restoreMemory(
  deps: Deps,
  memoryVolume: string,
  files: readonly DiskFile[],
  isRestored: () => Promise<boolean>,
): Promise<void> {
  const from = volumePath(deps.pool, memoryVolume)
  const dxml = await withoutLostMedia(withDiskFiles(await readSavedXml(deps, memoryVolume), files))
  await startWith(async () => {
    await deps.slowConnection.call(
      remote.domainRestoreFlags,
      { from, dxml, flags: DomainSaveRestoreFlags.RUNNING },
      { timeoutMs: restoreTimeoutMs },
    )
  }, isRestored)
}
