import type { VmSpec } from '#db/vm-spec.ts'
import type { XmlObject } from './render.ts'

/** A display that only this node can reach, on a port that libvirt picks. */
export const graphics = ({ type }: VmSpec['display'], password: string | null): XmlObject | undefined =>
  type === 'none'
    ? undefined
    : {
        '@type': type,
        '@autoport': 'yes',
        '@passwd': password ?? undefined,
        listen: { '@type': 'address', '@address': '127.0.0.1' },
      }

/** The card that the display shows; VGA needs no driver in the guest. */
export const video = ({ model, memoryKib }: VmSpec['video']): XmlObject => ({
  model: { '@type': model, '@vram': memoryKib },
})
