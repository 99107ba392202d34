import path from 'node:path'
import { middlePullOverheadBytes, type TreeFile } from '#worker/hypervisor/reclaim-plan.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { isSerialLog } from '#worker/hypervisor/storage-names.ts'
import type { QemuDisk } from '../qmp.ts'
import type { StoragePool } from '../storage-pool.ts'
import type { SoundVm } from './check-disks.ts'
import { completedMerges, contentOf } from './moved-content.ts'
import type { Merge } from './reclaim-journal.ts'
import type { VmState } from './state.ts'
import type { VmVolumes } from './volumes.ts'

/** A VM's files at one moment, as far as reclaiming them cares. */
export interface ReclaimView {
  vm: VmState
  /** Empty while the VM is stopped. */
  qemuDisks: readonly QemuDisk[]
  volumes: VmVolumes
  /** Its disks' files, by volume name. */
  files: TreeFile[]
  /** Saved memory and UEFI variables that nothing needs, and what is left of half-made ones. */
  spareFiles: string[]
  /** Merges that are complete but for the file that is left over. */
  completed: Merge[]
  /** Whether these two were being merged before, either way. */
  begun(pair: { child: string; parent: string }): boolean
  /** Where the content of a snapshot's volume is by now. */
  contentOf(volume: string): string
}

export function reclaimView(
  { pool }: { pool: StoragePool },
  { vm, qemuDisks, qemuNodes, volumes }: SoundVm,
  keep: readonly StoredSnapshot[],
  merges: readonly Merge[],
): ReclaimView {
  const nameOf = (file: string | null | undefined): string | null => {
    if (!file || path.dirname(file) !== pool.directory) return null
    const name = path.basename(file)
    return volumes.has(name) ? name : null
  }
  const open = new Set(qemuNodes.map(({ file }) => nameOf(file)))
  const overlaysOf = (name: string) =>
    [...volumes].filter(([, { backing }]) => nameOf(backing?.path) === name).map(([overlay]) => overlay)
  const completed = completedMerges(merges, overlaysOf, (name) => open.has(name))
  const current = (volume: string) =>
    contentOf(volume, merges, (name) => !volumes.has(name) || completed.some(({ child }) => child === name))

  const written = new Set(qemuDisks.map(({ chain }) => nameOf(chain[0])))
  const named = [vm.live, vm.inactive].flatMap(({ disks, nvramPath }) => [nvramPath, ...disks.map((disk) => disk.path)])
  const needed = new Set([
    ...written,
    ...named.map(nameOf),
    ...keep.flatMap(({ disks }) => disks.map(({ volume }) => current(volume))),
    ...keep.flatMap(({ memoryVolume, nvramVolume }) => [memoryVolume, nvramVolume]),
  ])
  const isDisk = (name: string) => name.endsWith('.qcow2')
  return {
    vm,
    qemuDisks,
    volumes,
    files: [...volumes]
      .filter(([name]) => isDisk(name))
      .map(([name, { allocationBytes, backing }]) => ({
        name,
        backing: nameOf(backing?.path),
        allocatedBytes: allocationBytes,
        needed: needed.has(name),
        open: open.has(name),
        pullOverheadBytes: open.has(name) && !written.has(name) ? middlePullOverheadBytes : 0,
      })),
    spareFiles: [...volumes.keys()].filter(
      (name) => !isDisk(name) && !isSerialLog(name, vm.vmId) && !needed.has(name) && !open.has(name),
    ),
    completed,
    begun: (pair) => merges.some(({ child, parent }) => child === pair.child && parent === pair.parent),
    contentOf: current,
  }
}
