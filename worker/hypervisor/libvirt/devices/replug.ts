import type { DeviceName } from '#db/late-unplugs.ts'
import { readInactiveXml, requireDomain } from '../domain.ts'
import { diskKey, findDevice, nicKey } from '../xml/edit-devices.ts'
import { findPlugged, isOn, type PlugDeps, plug } from './plug.ts'

/** Gives what runs a device that the next start has. Resolves to whether it was missing. */
export async function replugDevice(deps: PlugDeps, vmId: string, device: DeviceName): Promise<boolean> {
  const { connection } = deps
  const dom = await requireDomain(connection, vmId)
  const key = 'target' in device ? diskKey(device.target) : nicKey(device.mac)
  if (!(await isOn(connection, dom)) || (await findPlugged(connection, dom, key)) !== null) return false
  if (findDevice(await readInactiveXml(connection, dom), key) === null) return false
  await plug(deps, dom, key)
  return true
}
