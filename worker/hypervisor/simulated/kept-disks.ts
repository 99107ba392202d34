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
  return vm ? requireAlone(vm.disks, own) : requireKnown(vmId, own)
}

/** Gives a file its new name; one that has it already keeps it. Throws what a real node would refuse. */
export function keepVolume({ vms, files }: SimulatedState, vmId: string, from: string, to: string): void {
  if (vms[vmId]) {
    throw new AppError('failed_precondition', 'The files of a VM that is defined are not renamed.', {
      reason: 'VM_IS_DEFINED',
    })
  }
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
