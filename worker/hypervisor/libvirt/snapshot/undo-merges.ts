import { volumePath } from '../disks.ts'
import { qemuImg } from '../qemu-img.ts'
import type { StoragePool } from '../storage-pool.ts'
import type { ReclaimJournal } from './reclaim-journal.ts'
import { readVmVolumes } from './volumes.ts'

/**
 * Of a stopped VM: puts overlays back on the file that they stood on before QEMU merged it. Whether QEMU had flushed
 * all of the merge is unknown, and what is read through that file is right in any case. The merge is made again.
 * Resolves to whether there was one.
 */
export async function undoUnfinishedMerges(
  { pool, reclaims }: { pool: StoragePool; reclaims: ReclaimJournal },
  vmId: string,
): Promise<boolean> {
  const { merges } = await reclaims.read(vmId)
  if (!merges.some(({ kind }) => kind !== 'top')) return false
  let changed = false
  const standBack = async (overlay: string, backing: string) => {
    await standOn(pool, overlay, backing)
    changed = true
  }
  const volumes = await readVmVolumes(pool, vmId)
  for (const { kind, child, parent } of merges) {
    if (!volumes.has(child) || !volumes.has(parent)) continue
    if (kind === 'pull') await standBack(child, parent)
    if (kind !== 'middle') continue
    for (const [overlay, { backing }] of volumes) {
      if (overlay !== child && backing?.path === volumePath(pool, parent)) await standBack(overlay, child)
    }
  }
  await reclaims.forget(vmId, ({ kind }) => kind === 'pull')
  return changed
}

/** Changes the head of an overlay alone: what is read through it must be the same on both. */
export async function standOn(pool: StoragePool, overlay: string, backing: string): Promise<void> {
  const below = ['-b', volumePath(pool, backing), '-F', 'qcow2']
  await qemuImg('rebase', 'qcow2', ['-u', ...below, volumePath(pool, overlay)])
}
