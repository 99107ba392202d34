import type { XmlObject } from './render.ts'

/**
 * A q35 machine, the newest version of it that this QEMU has: with SeaBIOS, or with the node's own UEFI build and its
 * variables in that file, which libvirt makes at the first start. libvirt finds the build by itself
 * (https://libvirt.org/formatdomain.html#operating-system-booting); left to choose freely, libvirt 9.0 takes Debian's build
 * for Secure Boot, which needs SMM.
 */
export function os(nvramPath: string | null): XmlObject {
  const type = { '@arch': 'x86_64', '@machine': 'q35', '#': 'hvm' }
  if (nvramPath === null) return { type }
  return {
    '@firmware': 'efi',
    type,
    firmware: { feature: { '@enabled': 'no', '@name': 'secure-boot' } },
    nvram: nvramPath,
  }
}
