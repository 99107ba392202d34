import type { CloudInitSpec } from '#db/vm-spec.ts'
import { cdrom } from './cdrom.ts'
import { driveNumber } from './drive-number.ts'
import type { XmlObject } from './render.ts'

/**
 * The read-only drive that cloud-init reads. The kernels of cloud images know the bus that they boot from, and not always
 * another one: Debian's has no SATA. QEMU has cdroms on SATA and SCSI, and on SATA no read-only disk.
 */
export const seedDrive = ({ target, bus }: CloudInitSpec, path: string): XmlObject => {
  const onSata = cdrom({ target, iso: null, path }, undefined)
  if (bus === 'sata') return onSata
  return {
    ...onSata,
    '@device': bus === 'virtio' ? 'disk' : 'cdrom',
    target: { '@dev': target, '@bus': bus },
    address: bus === 'scsi' ? { '@type': 'drive', '@controller': 0, '@unit': driveNumber(target) } : undefined,
  }
}
