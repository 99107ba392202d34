import { readInactiveXml } from '../domain.ts'
import { redefine } from '../redefine.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { type SourceChange, withDiskSources } from '../xml/disk-sources.ts'
import type { VmState } from './state.ts'

/**
 * libvirt writes the inactive definition last: killed before that, it would start the VM from the frozen files. Resolves
 * to what it is then.
 */
export async function healInactive(
  connection: LibvirtConnection,
  { dom, inactive, inactiveXml }: VmState,
  overlays: readonly SourceChange[],
): Promise<string> {
  const behind = overlays.filter(({ from }) => inactive.disks.some(({ path }) => path === from))
  if (behind.length === 0) return inactiveXml
  await redefine(connection, dom, (xml) => withDiskSources(xml, behind))
  return readInactiveXml(connection, dom)
}
