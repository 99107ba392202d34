import type { XmlObject } from './render.ts'

export interface DiskParameters {
  /** Absolute. */
  path: string
  target: string
  /** 1 is tried first. */
  bootOrder: number
}

/** A virtio disk on a qcow2 file; what the guest discards is given back to the node. */
export const disk = ({ path, target, bootOrder }: DiskParameters): XmlObject => ({
  '@type': 'file',
  '@device': 'disk',
  driver: { '@name': 'qemu', '@type': 'qcow2', '@discard': 'unmap' },
  source: { '@file': path },
  target: { '@dev': target, '@bus': 'virtio' },
  boot: { '@order': bootOrder },
})
