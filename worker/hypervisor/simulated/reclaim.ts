import type { Reclaimed, ReclaimRequest } from '#worker/hypervisor/port.ts'
import { nvramVolume, vmPrefix } from '../libvirt/storage-names.ts'
import { commitDown, fileBytes, pullUp, type SimulatedFiles } from './files.ts'
import type { SimulatedVm } from './state.ts'

/** Removes what nobody needs, and merges what only one file stands on. */
export function reclaim(files: SimulatedFiles, vm: SimulatedVm, { vmId, keep }: ReclaimRequest): Reclaimed {
  const result: Reclaimed = { moved: [], copiedBytes: 0, freedBytes: 0 }
  const needed = () => new Set([nvramVolume(vmId), ...vm.disks.map(({ volume }) => volume), ...keptVolumes(vm, keep)])
  for (;;) {
    const [name, file] =
      Object.entries(files).find(
        ([name]) => name.startsWith(vmPrefix(vmId)) && !needed().has(name) && standing(files, name).length < 2,
      ) ?? []
    if (name === undefined || file === undefined) break
    const [child] = standing(files, name)
    result.freedBytes += fileBytes(file)
    if (child === undefined) delete files[name]
    else if (fileBytes(files[child] ?? file) < fileBytes(file)) {
      const { into, copiedBytes } = commitDown(files, child)
      result.copiedBytes += copiedBytes
      vm.disks = vm.disks.map(({ target, volume }) => ({ target, volume: volume === child ? into : volume }))
      vm.moved[child] = into
    } else result.copiedBytes += pullUp(files, name, child).copiedBytes
  }
  result.moved = movesOf(vm, keep)
  return result
}

const standing = (files: SimulatedFiles, name: string): string[] =>
  Object.keys(files).filter((other) => files[other]?.backing === name)

/** The name that a volume's content has now. A caller that never heard of a move still uses the old one. */
const nameNow = (vm: SimulatedVm, volume: string): string => {
  const moved = vm.moved[volume]
  return moved === undefined ? volume : nameNow(vm, moved)
}

const keptVolumes = (vm: SimulatedVm, keep: ReclaimRequest['keep']): string[] =>
  keep.flatMap(({ disks, memoryVolume, nvramVolume }) => [
    ...disks.map(({ volume }) => nameNow(vm, volume)),
    ...[memoryVolume, nvramVolume].filter((name) => name !== null),
  ])

const movesOf = (vm: SimulatedVm, keep: ReclaimRequest['keep']): Reclaimed['moved'] =>
  [...new Set(keep.flatMap(({ disks }) => disks.map(({ volume }) => volume)))]
    .map((from) => ({ from, to: nameNow(vm, from) }))
    .filter(({ from, to }) => from !== to)
