import { childrenOf, find, readXml, type XmlElement } from './read.ts'

/** What libvirt takes a disk that runs to be made of, besides the file that is written to; absolute paths. */
export interface DiskImages {
  /** From the next one down to the base. */
  below: string[]
  /** What a block job copies the disk to; null without one. */
  copiedTo: string | null
}

export function readDiskImages(domainXml: string, target: string): DiskImages {
  const disk = childrenOf(find(readXml(domainXml), 'devices'), 'disk').find(
    (each) => find(each, 'target')?.attributes.get('dev') === target,
  )
  return { below: filesBelow(disk), copiedTo: find(disk, 'mirror', 'source')?.attributes.get('file') ?? null }
}

function filesBelow(image: XmlElement | undefined): string[] {
  const below = find(image, 'backingStore')
  const file = find(below, 'source')?.attributes.get('file')
  return file === undefined ? [] : [file, ...filesBelow(below)]
}
