import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { isOfDisk } from '#worker/hypervisor/storage-names.ts'
import { qemuImg } from '../qemu-img.ts'
import type { StoragePool } from '../storage-pool.ts'
import type { DiskView, DiskViews } from './disk-views.ts'
import { judgeStopped, type OverlayFiles, type Verdict } from './judge-disk.ts'
import { readOverlayFile } from './overlay-file.ts'
import type { ReclaimJournal } from './reclaim-journal.ts'

/** Judges the disks of a stopped VM by the VM's files. */
export async function judgeStoppedDisks(
  { pool, reclaims }: { pool: StoragePool; reclaims: ReclaimJournal },
  { vmId, disks }: DiskViews,
  snapshots: readonly StoredSnapshot[],
): Promise<{ disk: DiskView; verdict: Verdict }[]> {
  const names = await readdir(pool.directory)
  const { merges } = await reclaims.read(vmId)
  const judged = await Promise.all(
    disks.map(async (disk) => {
      // What was merged into the file that the definition names is left over.
      const merged = merges.filter(({ parent }) => parent === path.basename(disk.live)).map(({ child }) => child)
      const own = names.filter((name) => isOfDisk(name, vmId, disk.target) && !merged.includes(name))
      const files = await readFiles(own.map((name) => path.join(pool.directory, name)))
      return { disk, files, verdict: await settled(judgeStopped(disk, snapshots, files)) }
    }),
  )
  // A snapshot takes all disks at once: where one has its last writes in an overlay, the others write to theirs too.
  const ids = judged.flatMap(({ disk: { target }, verdict }) =>
    verdict.kind === 'redefine' ? [overlayIdOf(verdict.to, vmId, target)] : [],
  )
  return judged.map(({ disk, files, verdict }) => {
    if (verdict.kind !== 'agrees') return { disk, verdict }
    const together = [...files].find(
      ([file, { backing }]) => backing === disk.live && ids.includes(overlayIdOf(file, vmId, disk.target)),
    )
    return { disk, verdict: together ? { kind: 'redefine', to: together[0] } : verdict }
  })
}

/** Reading both files to their ends is for the rare disk where nothing else tells. */
async function settled(verdict: Verdict): Promise<Verdict> {
  if (verdict.kind !== 'compare') return verdict
  try {
    await qemuImg('compare', 'qcow2', ['-F', 'qcow2', verdict.known, verdict.overlay])
    return { kind: 'remove', file: verdict.overlay }
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'unavailable') throw error
    return { kind: 'problem', problem: verdict.problem }
  }
}

async function readFiles(files: readonly string[]): Promise<OverlayFiles> {
  const read = await Promise.all(files.map(async (file) => [file, await readOverlayFile(file)] as const))
  return new Map(read.flatMap(([file, facts]) => (facts ? [[file, facts]] : [])))
}

/** What the name of an overlay adds to the name of its disk. */
const overlayIdOf = (file: string, vmId: string, target: string): string =>
  path.basename(file).slice(`${vmId}.${target}.`.length)
