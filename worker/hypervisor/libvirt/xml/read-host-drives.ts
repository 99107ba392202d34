import type { HostDrive } from '#db/schema/host-domain.ts'
import { childrenOf, find, type XmlElement } from './read.ts'

/** What the drives of a definition are on, for people; the paths stay here. */
export const readHostDrives = (domain: XmlElement): HostDrive[] =>
  childrenOf(find(domain, 'devices'), 'disk').map((drive) => {
    const target = find(drive, 'target')?.attributes
    const place = placeOf(drive)
    return {
      target: target?.get('dev') ?? '',
      device: drive.attributes.get('device') ?? 'disk',
      bus: target?.get('bus') ?? null,
      format: place === null ? null : (find(drive, 'driver')?.attributes.get('type') ?? null),
      source: place === null ? null : (drive.attributes.get('type') ?? null),
      name: place === null ? null : (place.split('/').filter(Boolean).at(-1) ?? null),
    }
  })

/** What the disks of a definition write to, but for what is meant to be shared. */
export const readWrittenPlaces = (domain: XmlElement): string[] =>
  childrenOf(find(domain, 'devices'), 'disk')
    .filter((drive) => !['cdrom', 'floppy'].includes(drive.attributes.get('device') ?? 'disk'))
    .filter((drive) => !find(drive, 'readonly') && !find(drive, 'shareable'))
    .flatMap((drive) => placeOf(drive) ?? [])

/** https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms, element `source`. */
function placeOf(drive: XmlElement): string | null {
  const source = find(drive, 'source')?.attributes
  const volume = source?.get('volume')
  if (volume !== undefined) return `${source?.get('pool')}/${volume}`
  return source?.get('file') ?? source?.get('dev') ?? source?.get('dir') ?? source?.get('name') ?? null
}
