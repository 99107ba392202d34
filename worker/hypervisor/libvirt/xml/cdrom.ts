import type { CdromSpec } from '#db/vm-spec.ts'
import type { XmlObject } from './render.ts'

/** A read-only drive on SATA, which every installer can read; empty where `path` is null. */
export const cdrom = (
  { target, path }: CdromSpec & { path: string | null },
  bootOrder: number | undefined,
): XmlObject => ({
  '@type': 'file',
  '@device': 'cdrom',
  driver: { '@name': 'qemu', '@type': 'raw' },
  source: path === null ? undefined : { '@file': path },
  target: { '@dev': target, '@bus': 'sata' },
  readonly: {},
  boot: bootOrder === undefined ? undefined : { '@order': bootOrder },
})
