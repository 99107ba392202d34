import type { DiskParameters } from './disk.ts'
import type { XmlObject } from './render.ts'

/** A read-only ISO on SATA, which every installer can read. */
export const cdrom = ({ path, target, bootOrder }: DiskParameters): XmlObject => ({
  '@type': 'file',
  '@device': 'cdrom',
  driver: { '@name': 'qemu', '@type': 'raw' },
  source: { '@file': path },
  target: { '@dev': target, '@bus': 'sata' },
  readonly: {},
  boot: { '@order': bootOrder },
})
