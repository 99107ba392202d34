import type { OperationInput } from '#db/operations/catalog.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { type DeviceChange, requireDevice } from './device-change.ts'

/** Gives a cdrom drive another medium, or none. Throws `not_found` for a drive that the VM has not. */
export function decideMediaChange(
  vm: VmRow,
  wanted: Omit<OperationInput<'media.change'>, 'vmId'>,
): DeviceChange<'media.change'> {
  const drive = vm.spec.cdroms.find(({ target }) => target === wanted.target)
  requireDevice(vm, drive, { what: `cdrom drive ${wanted.target}`, reason: 'CDROM_NOT_FOUND' })
  return { action: 'changeMedia', kind: 'media.change', input: { vmId: vm.id, ...wanted } }
}
