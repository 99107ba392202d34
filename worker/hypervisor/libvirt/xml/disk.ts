import type { DiskSpec } from '#db/vm-spec.ts'
import { driveNumber } from './drive-number.ts'
import type { XmlObject } from './render.ts'

const mib = 2 ** 20

/** A disk on a qcow2 file. `bootOrder` 1 is tried first; undefined is not booted from. */
export const disk = (spec: DiskSpec & { path: string }, bootOrder: number | undefined): XmlObject => ({
  '@type': 'file',
  '@device': 'disk',
  driver: { '@name': 'qemu', '@type': 'qcow2', '@cache': spec.cache, '@io': spec.io, '@discard': spec.discard },
  source: { '@file': spec.path },
  target: { '@dev': spec.target, '@bus': spec.bus },
  iotune: iotune(spec),
  readonly: spec.readOnly ? {} : undefined,
  boot: bootOrder === undefined ? undefined : { '@order': bootOrder },
  // libvirt would give the eighth one a controller of its own, of a kind that no q35 guest knows.
  address: spec.bus === 'scsi' ? { '@type': 'drive', '@controller': 0, '@unit': driveNumber(spec.target) } : undefined,
})

const iotune = ({ iopsLimit, throughputLimitMibps }: DiskSpec): XmlObject | undefined =>
  iopsLimit === undefined && throughputLimitMibps === undefined
    ? undefined
    : {
        total_bytes_sec: throughputLimitMibps && throughputLimitMibps * mib,
        total_iops_sec: iopsLimit,
      }

/** The one controller of all SCSI disks. */
export const scsiController = (): XmlObject => ({ '@type': 'scsi', '@index': 0, '@model': 'virtio-scsi' })
