import type { Deps } from '#api/deps.ts'
import type { Begun } from '#api/vms/actions.ts'
import { newMac } from '#api/vms/new-mac.ts'
import { getVm } from '#api/vms/service.ts'
import type { NicInput } from '#api/vms/spec-nic-schema.ts'
import { completeNic } from '#db/complete-spec.ts'
import { guestOsProfiles } from '#db/guest-os/profiles.ts'
import { maxNics } from '#db/rules/spec-contradictions.ts'
import { beginChange, requireDevice, requireFitting, requireRoom } from './change.ts'

/** Attaches a new network card. */
export async function attachNic(deps: Deps, vmId: string, wanted: NicInput): Promise<Begun> {
  const { vm } = await getVm(deps.database, vmId)
  const { spec } = vm
  const nic = completeNic(wanted, guestOsProfiles[spec.guestOs], newMac)
  requireRoom(vm, spec.nics, { what: 'network cards', max: maxNics })
  requireFitting(spec, { ...spec, nics: [...spec.nics, nic] })
  return beginChange(deps, vm, { action: 'attachNic', kind: 'nic.attach', input: { vmId, nic } })
}

/** Detaches a network card. */
export async function detachNic(
  deps: Deps,
  { id, ...params }: { id: string; mac: string },
  { timeoutSeconds }: { timeoutSeconds: number },
): Promise<Begun> {
  const mac = params.mac.toLowerCase()
  const { vm } = await requireDevice(deps, id, ({ nics }) => nics.find((nic) => nic.mac === mac), {
    what: `network card ${mac}`,
    reason: 'NIC_NOT_FOUND',
  })
  return beginChange(deps, vm, { action: 'detachNic', kind: 'nic.detach', input: { vmId: id, mac, timeoutSeconds } })
}
