import { AppError } from '#db/errors.ts'
import type { DiskBus } from '#db/vm-spec.ts'
import { remedies } from './remedies.ts'

/** Buses whose disks come and go while a VM is on; QEMU's SATA has its drives from the start. */
const hotplugBuses: readonly DiskBus[] = ['virtio', 'scsi']

/** Why a disk can neither come nor go while its VM is on; null where it can. */
export function hotplugRefusal({ target, bus }: { target: string; bus: DiskBus }): AppError | null {
  if (hotplugBuses.includes(bus)) return null
  return new AppError(
    'failed_precondition',
    `Disk ${target} is on bus ${bus}, on which nothing comes or goes while the VM is on. Stop the VM first, or take bus virtio or scsi.`,
    { reason: 'DISK_BUS_NOT_HOTPLUGGABLE', details: { target, bus, remedies: [remedies.stop] } },
  )
}
