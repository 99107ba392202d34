import { completeNic } from '#db/complete-spec.ts'
import { guestOsProfiles } from '#db/guest-os/profiles.ts'
import { newMac } from '#db/new-mac.ts'
import type { OperationInput } from '#db/operations/catalog.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { type DeviceChange, type RefuseFields, requireDevice, requireFitting, requireRoom } from './device-change.ts'
import { maxNics } from './spec-contradictions.ts'

/** A network card as it is asked for: what has a default may be left out. */
export type WantedNic = Parameters<typeof completeNic>[0]

/** Attaches a new network card. Throws why it cannot be. */
export function decideNicAttach(vm: VmRow, wanted: WantedNic, refuse: RefuseFields): DeviceChange<'nic.attach'> {
  const { spec } = vm
  const nic = completeNic(wanted, guestOsProfiles[spec.guestOs], newMac)
  requireRoom(vm, spec.nics, { what: 'network cards', max: maxNics })
  requireFitting(spec, { ...spec, nics: [...spec.nics, nic] }, refuse)
  return { action: 'attachNic', kind: 'nic.attach', input: { vmId: vm.id, nic } }
}

/** Detaches a network card. Throws why it cannot be. */
export function decideNicDetach(
  vm: VmRow,
  { timeoutSeconds, ...wanted }: Omit<OperationInput<'nic.detach'>, 'vmId'>,
): DeviceChange<'nic.detach'> {
  const mac = wanted.mac.toLowerCase()
  const nic = vm.spec.nics.find((one) => one.mac === mac)
  requireDevice(vm, nic, { what: `network card ${mac}`, reason: 'NIC_NOT_FOUND' })
  return { action: 'detachNic', kind: 'nic.detach', input: { vmId: vm.id, mac, timeoutSeconds } }
}
