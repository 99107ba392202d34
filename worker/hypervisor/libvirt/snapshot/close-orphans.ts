import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { isOfDisk, vmPrefix } from '#worker/hypervisor/storage-names.ts'
import { qmp, readQemuDisks } from '../qmp.ts'
import type { CheckDeps } from './check-disks.ts'
import type { DiskViews } from './disk-views.ts'
import { isQuiet } from './idle.ts'
import { readOverlayFile } from './overlay-file.ts'

/**
 * libvirtd killed between opening an overlay and using it leaves the overlay open in QEMU, under a node name that it
 * wants again for the next ("Duplicate nodes with node-name"); merging one leaves it so too. QEMU itself refuses to close
 * what is in use. Of a running VM whose definitions agree with QEMU. Resolves to whether it changed anything.
 */
export async function closeOrphans(
  deps: CheckDeps,
  vm: DiskViews,
  snapshots: readonly StoredSnapshot[],
): Promise<boolean> {
  const { connection, log } = deps
  const { vmId, qemuDisks, qemuNodes } = vm
  const { dom } = vm.definitions
  const unusedBy = (disks: DiskViews['qemuDisks']) => {
    const used = new Set(disks.flatMap(({ chain }) => chain))
    return qemuNodes.filter(({ file }) => path.basename(file).startsWith(vmPrefix(vmId)) && !used.has(file))
  }
  // What was opened after the disks were read may be used since.
  const orphans = unusedBy(qemuDisks).length > 0 ? unusedBy(await readQemuDisks(connection, dom)) : []
  if (orphans.length === 0 || !(await isQuiet(connection, dom))) return false
  log.warn({ vm: { id: vmId }, nodes: orphans }, 'QEMU has files open that it does not use; closing them')
  // Before they are closed: as long as they are open it is sure that this QEMU took from them what it had written.
  let changed = false
  for (const file of new Set(orphans.map((orphan) => orphan.file))) {
    if (await removeMerged(deps, vm, snapshots, file)) changed = true
  }
  // A format's node holds on to its file's.
  for (const { 'node-name': name } of orphans.toSorted((a, b) => Number(a.drv === 'file') - Number(b.drv === 'file'))) {
    try {
      await qmp(connection, dom, 'blockdev-del', { 'node-name': name })
      changed = true
    } catch (error) {
      // In use after all.
      if (!(error instanceof AppError)) throw error
      log.warn({ err: error, vm: { id: vmId } }, 'QEMU does not close a file')
    }
  }
  return changed
}

/** An overlay of what a disk writes to now holds nothing that the disk does not hold. Resolves to whether it was one. */
async function removeMerged(
  { pool }: CheckDeps,
  { vmId, disks }: DiskViews,
  snapshots: readonly StoredSnapshot[],
  file: string,
): Promise<boolean> {
  const name = path.basename(file)
  const backing = (await readOverlayFile(file))?.backing
  const disk = disks.find(({ target }) => isOfDisk(name, vmId, target))
  const isKept = snapshots.some((snapshot) => snapshot.disks.some(({ volume }) => volume === name))
  if (disk?.live !== backing || disk?.inactive === file || isKept) return false
  await pool.remove(name)
  return true
}
