import type { VolumeMove } from '#db/operations/resource-change.ts'
import type { Reclaimed, ReclaimRequest, StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { nvramVolume, seedVolume, vmPrefix } from '#worker/hypervisor/storage-names.ts'

import { middlePullOverheadBytes, planReclaim, type TreeFile } from '../reclaim-plan.ts'
import { commitDown, fileBytes, pullUp, type SimulatedFiles } from './files.ts'
import type { SimulatedVm } from './state.ts'

/** Removes what nobody needs, and merges what only one file stands on. */
export function reclaim(files: SimulatedFiles, vm: SimulatedVm, { vmId, keep }: ReclaimRequest): Reclaimed {
  let copiedBytes = 0
  const before = bytesOf(files, vmId)
  for (;;) {
    const action = planReclaim(treeOf(files, vm, keep))
    if (!action) break
    if (action.kind === 'unlink') delete files[action.file]
    else if (action.kind === 'pull') copiedBytes += pullUp(files, action.child).copiedBytes
    else {
      copiedBytes += commitDown(files, action.child).copiedBytes
      vm.moved[action.child] = action.parent
      vm.disks = vm.disks.map(({ target, volume }) => ({ target, volume: nameNow(vm, volume) }))
    }
  }
  return { moved: findMoves(vm, keep), copiedBytes, freedBytes: Math.max(0, before - bytesOf(files, vmId)) }
}

const filesOf = (files: SimulatedFiles, vmId: string) =>
  Object.entries(files).filter(([name]) => name.startsWith(vmPrefix(vmId)))

const bytesOf = (files: SimulatedFiles, vmId: string): number =>
  filesOf(files, vmId).reduce((sum, [, file]) => sum + fileBytes(file), 0)

function treeOf(files: SimulatedFiles, vm: SimulatedVm, keep: ReclaimRequest['keep']): TreeFile[] {
  const { vmId } = vm.definition
  const current = vm.disks.map(({ volume }) => volume)
  const readOnly = vm.readOnlyDisks.map(({ volume }) => volume)
  const needed = new Set([nvramVolume(vmId), seedVolume(vmId), ...readOnly, ...current, ...keptVolumes(vm, keep)])
  const open = new Set(vm.state === 'STOPPED' ? [] : current.flatMap((volume) => chainOf(files, volume)))
  return filesOf(files, vmId).map(([name, file]) => ({
    name,
    backing: file.backing,
    allocatedBytes: fileBytes(file),
    needed: needed.has(name),
    open: open.has(name),
    pullOverheadBytes: open.has(name) && !current.includes(name) ? middlePullOverheadBytes : 0,
  }))
}

const chainOf = (files: SimulatedFiles, name: string): string[] => {
  const backing = files[name]?.backing
  return backing ? [name, ...chainOf(files, backing)] : [name]
}

/** The name that a volume's content has now. A caller that never heard of a move still uses the old one. */
export const nameNow = (vm: SimulatedVm, volume: string): string => {
  const moved = vm.moved[volume]
  return moved === undefined ? volume : nameNow(vm, moved)
}

const keptVolumes = (vm: SimulatedVm, keep: ReclaimRequest['keep']): string[] =>
  keep.flatMap(({ disks, memoryVolume, nvramVolume }) => [
    ...disks.map(({ volume }) => nameNow(vm, volume)),
    ...[memoryVolume, nvramVolume].filter((name) => name !== null),
  ])

export const findMoves = (vm: SimulatedVm, snapshots: readonly StoredSnapshot[]): VolumeMove[] =>
  [...new Set(snapshots.flatMap(({ disks }) => disks.map(({ volume }) => volume)))]
    .map((from) => ({ from, to: nameNow(vm, from) }))
    .filter(({ from, to }) => from !== to)
