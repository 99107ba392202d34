import type { XmlObject } from './render.ts'

/** VNC that only this node can reach, on a port that libvirt picks. */
export const vnc = (): XmlObject => ({
  '@type': 'vnc',
  '@autoport': 'yes',
  listen: { '@type': 'address', '@address': '127.0.0.1' },
})

/** The display that VNC shows; VGA needs no driver in the guest. */
export const video = (): XmlObject => ({ model: { '@type': 'vga' } })
