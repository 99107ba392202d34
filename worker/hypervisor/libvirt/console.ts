import { type DisplayAddress, displayNeedsPower, noDisplay } from '#worker/hypervisor/console-calls.ts'
import { hadQemu, readLiveXml, requireDomain } from './domain.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { readDisplayAddress } from './xml/read-display-address.ts'

/** Where the display of a VM can be reached. */
export async function findDisplay(connection: LibvirtConnection, vmId: string): Promise<DisplayAddress> {
  const dom = await requireDomain(connection, vmId)
  if (!hadQemu(dom)) throw displayNeedsPower()
  const display = readDisplayAddress(await readLiveXml(connection, dom))
  if (!display) throw noDisplay()
  return display
}
