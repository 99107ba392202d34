import {
  type CdromSpec,
  type DiskBus,
  type DiskSpec,
  diskBuses,
  diskCaches,
  diskDiscards,
  diskIos,
} from '#db/vm-spec.ts'
import { childrenOf, find, type XmlElement } from './read.ts'

/** Which files are ours. Paths are absolute. */
export interface DriveFiles {
  /** Whether it is a file of ours of this VM's disk. */
  isOwn(path: string, target: string): boolean
  /** The image's name, where it lies in the image directory; else null. */
  imageName(path: string): string | null
}

export interface ReadDrives {
  /** Without their sizes. */
  disks: DiskSpec[]
  cdroms: CdromSpec[]
  /** Targets of the disks whose files are not ours, also of those that a spec has no words for. */
  foreign: string[]
}

const mib = 2 ** 20

/** The drives that a spec has words for; the others are left out. */
export function readDrives(devices: XmlElement | undefined, files: DriveFiles): ReadDrives {
  const drives = childrenOf(devices, 'disk')
  const cdroms = drives.flatMap((drive) => readCdrom(drive, files))
  const isForeign = (drive: XmlElement) => {
    const path = fileOf(drive)
    return path === null || !files.isOwn(path, targetOf(drive))
  }
  return {
    disks: drives.flatMap(readDisk),
    cdroms,
    foreign: drives
      .filter((drive) => ['disk', 'lun'].includes(deviceOf(drive)))
      .filter(isForeign)
      .map(targetOf),
  }
}

const deviceOf = (drive: XmlElement): string => drive.attributes.get('device') ?? 'disk'
const targetOf = (drive: XmlElement): string => find(drive, 'target')?.attributes.get('dev') ?? ''
const fileOf = (drive: XmlElement): string | null => find(drive, 'source')?.attributes.get('file') ?? null

/** The bus, where a spec knows it and the target is one of its names. */
function busOf(drive: XmlElement): DiskBus | undefined {
  const target = targetOf(drive)
  const named = find(drive, 'target')?.attributes.get('bus')
  const bus = diskBuses.find((known) => known === named)
  const pattern = bus === 'virtio' ? /^vda?[a-z]$/ : /^sda?[a-z]$/
  return pattern.test(target) ? bus : undefined
}

function readDisk(drive: XmlElement): DiskSpec[] {
  const bus = busOf(drive)
  if (deviceOf(drive) !== 'disk' || !bus) return []
  const driver = find(drive, 'driver')?.attributes
  const limit = (name: string) => Number(find(drive, 'iotune', name)?.text) || undefined
  const bytesPerSecond = limit('total_bytes_sec')
  const iopsLimit = limit('total_iops_sec')
  const throughputLimitMibps = bytesPerSecond && Math.max(1, Math.round(bytesPerSecond / mib))
  return [
    {
      target: targetOf(drive),
      bus,
      // What QEMU does where nothing is said.
      cache: diskCaches.find((known) => known === driver?.get('cache')) ?? 'writeback',
      io: diskIos.find((known) => known === driver?.get('io')) ?? 'threads',
      discard: diskDiscards.find((known) => known === driver?.get('discard')) ?? 'ignore',
      readOnly: find(drive, 'readonly') !== undefined,
      ...(iopsLimit && { iopsLimit }),
      ...(throughputLimitMibps && { throughputLimitMibps }),
    },
  ]
}

/** An empty one, or one with an ISO of the image directory. */
function readCdrom(drive: XmlElement, { imageName }: DriveFiles): CdromSpec[] {
  if (deviceOf(drive) !== 'cdrom' || busOf(drive) !== 'sata') return []
  if (!find(drive, 'source')) return [{ target: targetOf(drive), iso: null }]
  const path = fileOf(drive)
  const iso = path === null ? null : imageName(path)
  return iso === null ? [] : [{ target: targetOf(drive), iso }]
}
