import type { XmlObject } from './render.ts'

/** A q35 machine with libvirt's default firmware; the newest version of it that this QEMU has. */
export const os = (): XmlObject => ({ type: { '@arch': 'x86_64', '@machine': 'q35', '#': 'hvm' } })
