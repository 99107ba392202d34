import type { NicRequest } from '#worker/hypervisor/device-calls.ts'
import { requireDomain } from '../domain.ts'
import { nicKey } from '../xml/edit-devices.ts'
import { nic } from '../xml/nic.ts'
import { addToDefinition, removeFromDefinition } from './next-start.ts'
import { type PlugDeps, plug, unplug } from './plug.ts'

/** Plugs a card in: first where the next start looks, then into what runs. */
export async function attachNic(deps: PlugDeps, { vmId, mac, spec }: NicRequest): Promise<void> {
  const dom = await requireDomain(deps.connection, vmId)
  const wanted = spec.nics.find((card) => card.mac === mac)
  if (!wanted) throw new Error(`the spec has no card ${mac}`)
  const key = nicKey(mac)
  await addToDefinition(deps.connection, dom, spec, { key, device: { interface: nic(wanted, undefined) } })
  await plug(deps, dom, key)
}

/** Takes a card out: of what runs first, for only the guest can say when. */
export async function detachNic(deps: PlugDeps, { vmId, mac, spec }: NicRequest): Promise<boolean> {
  const dom = await requireDomain(deps.connection, vmId)
  const key = nicKey(mac)
  if (!(await unplug(deps, dom, key))) return false
  await removeFromDefinition(deps.connection, dom, spec, key)
  return true
}
