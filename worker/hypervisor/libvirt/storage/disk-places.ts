import { decode } from '../xml/read.ts'

const sourceElement = /<source ([^>]*?)\/?>/g
const attribute = /([\w-]+)=(?:'([^']*)'|"([^"]*)")/g

/** How a volume of libvirt's is told from a file. */
export const volumePlace = (pool: string, volume: string): string => `volume:${pool}/${volume}`

/** How a disk on a server is told from a file. */
export const networkPlace = (protocol: string, name: string): string => `${protocol}:${name}`

/**
 * Every place that a definition names as the source of something, also of what its disks stand on: files, what is on a
 * server, volumes of pools. Text of users cannot look like an element: libvirt escapes it.
 */
export function readDiskPlaces(xml: string): string[] {
  return [...xml.matchAll(sourceElement)].flatMap(([, text = '']) => {
    const found = new Map(
      [...text.matchAll(attribute)].map(([, name, single, double]) => [name, decode(single ?? double ?? '')]),
    )
    const [file, volume, protocol] = [found.get('file') ?? found.get('dev'), found.get('volume'), found.get('protocol')]
    if (file !== undefined) return file
    if (volume !== undefined) return volumePlace(found.get('pool') ?? '', volume)
    return protocol === undefined ? [] : networkPlace(protocol, found.get('name') ?? '')
  })
}
