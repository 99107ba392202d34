import type { XmlObject } from './render.ts'

interface OsParameters {
  /** The file of the UEFI variables; null is a BIOS. */
  nvramPath: string | null
  secureBoot: boolean
}

/**
 * A q35 machine, the newest version of it that this QEMU has: with SeaBIOS, or with the node's own UEFI build and its
 * variables in that file, which libvirt makes at the first start. libvirt finds the build by itself
 * (https://libvirt.org/formatdomain.html#operating-system-booting) from what it is to be able to do; left to choose freely,
 * libvirt 9.0 takes Debian's build for Secure Boot, which needs SMM.
 */
export function os({ nvramPath, secureBoot }: OsParameters): XmlObject {
  const type = { '@arch': 'x86_64', '@machine': 'q35', '#': 'hvm' }
  if (nvramPath === null) return { type }
  const enabled = secureBoot ? 'yes' : 'no'
  return {
    '@firmware': 'efi',
    type,
    firmware: {
      feature: [
        { '@enabled': enabled, '@name': 'secure-boot' },
        { '@enabled': enabled, '@name': 'enrolled-keys' },
      ],
    },
    nvram: nvramPath,
  }
}
