import { AppError } from '#db/errors.ts'
import { vncPasswordLength } from '#db/vm-spec.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { DomainModificationImpact, DomainXmlFlags } from './rpc/constants.gen.ts'
import { type Domain, remote } from './rpc/protocol.gen.ts'
import { graphicsWithPassword } from './xml/edit-devices.ts'
import { childrenOf, find, readXml } from './xml/read.ts'

/**
 * Lets a display that asks for a password ask for this one from now on. QEMU lets no other display ask for one before its
 * next start: such a one stays as it is. Throws `failed_precondition` for one that what runs cannot ask for.
 */
export async function changeLivePassword(connection: LibvirtConnection, dom: Domain, password: string): Promise<void> {
  const { xml } = await connection.call(remote.domainGetXmlDesc, { dom, flags: DomainXmlFlags.SECURE })
  const graphics = graphicsWithPassword(xml, password)
  if (graphics === null) return
  requireUsablePassword(`<domain><devices>${graphics}</devices></domain>`)
  await connection.call(remote.domainUpdateDeviceFlags, { dom, xml: graphics, flags: DomainModificationImpact.LIVE })
}

/** Throws `failed_precondition` for a definition, read with its secrets, whose VNC display has a password that VNC does not know. */
export function requireUsablePassword(domainXml: string): void {
  const displays = childrenOf(find(readXml(domainXml), 'devices'), 'graphics').map(({ attributes }) => attributes)
  const isLong = (attributes: (typeof displays)[number]) => (attributes.get('passwd')?.length ?? 0) > vncPasswordLength
  if (!displays.some((attributes) => attributes.get('type') === 'vnc' && isLong(attributes))) return
  throw new AppError(
    'failed_precondition',
    `The display's password has more than ${vncPasswordLength} characters, and VNC compares no more. Set a shorter one first, or remove it.`,
    { reason: 'VNC_PASSWORD_TOO_LONG' },
  )
}
