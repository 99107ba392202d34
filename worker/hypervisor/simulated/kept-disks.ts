import { AppError } from '#db/errors.ts'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import { vmPrefix } from '#worker/hypervisor/storage-names.ts'
import { requireAlone, requireKnown } from '../disk-files.ts'
import type { SimulatedState } from './state.ts'

/** The file of each disk. Throws what a real node would refuse. */
export function findDisks({ vms, files }: SimulatedState, vmId: string): SnapshotDisk[] {
  const own = Object.entries(files)
    .filter(([name]) => name.startsWith(vmPrefix(vmId)))
    .map(([name, { backing }]) => ({ name, backing }))
  const vm = vms[vmId]
  return vm ? requireAlone([...vm.disks, ...vm.readOnlyDisks], own) : requireKnown(vmId, own)
}

/** Gives a file its new name; one that has it already keeps it. Throws what a real node would refuse. */
export function keepVolume(state: SimulatedState, vmId: string, from: string, to: string): void {
  requireUnnamed(state, vmId, from)
  renameFile(state, from, to)
}

/** Throws `failed_precondition` for a file that the VM has. */
export function requireUnnamed({ vms }: SimulatedState, vmId: string, name: string): void {
  const vm = vms[vmId]
  if (!vm || ![...vm.disks, ...vm.readOnlyDisks].some(({ volume }) => volume === name)) return
  throw new AppError('failed_precondition', 'The files that a VM is defined with are neither renamed nor removed.', {
    reason: 'VM_IS_DEFINED',
  })
}

/** Renames a file, once. Throws `failed_precondition` where there is neither. */
export function renameFile({ files }: SimulatedState, from: string, to: string): void {
  const file = files[from]
  if (!file && !files[to]) {
    throw new AppError('failed_precondition', `The file ${from} is missing on the node.`, {
      reason: 'DISK_FILE_MISSING',
    })
  }
  if (!file) return
  files[to] = file
  delete files[from]
}
