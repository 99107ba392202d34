import type { LibvirtConnection } from './rpc/connection.ts'
import { DomainXmlFlags } from './rpc/constants.gen.ts'
import { type Domain, remote } from './rpc/protocol.gen.ts'

/**
 * Changes the definition that the next start takes; what `change` leaves alone stays to the letter. The one way to define
 * a VM anew: libvirt prints passwords only where it is asked for them, and a definition without them would take them away.
 */
export async function redefine(
  connection: LibvirtConnection,
  dom: Domain,
  change: (inactiveXml: string) => string,
): Promise<void> {
  const flags = DomainXmlFlags.INACTIVE | DomainXmlFlags.SECURE
  const { xml } = await connection.call(remote.domainGetXmlDesc, { dom, flags })
  const changed = change(xml)
  if (changed !== xml) await connection.call(remote.domainDefineXmlFlags, { xml: changed, flags: 0 })
}
