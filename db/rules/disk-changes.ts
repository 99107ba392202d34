import { completeDisk } from '#db/complete-spec.ts'
import { AppError } from '#db/errors.ts'
import { guestOsProfiles } from '#db/guest-os/profiles.ts'
import type { OperationInput } from '#db/operations/catalog.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { DiskSpec } from '#db/vm-spec.ts'
import { type DeviceChange, type RefuseFields, requireDevice, requireFitting, requireRoom } from './device-change.ts'
import { hotplugRefusal } from './hotplug.ts'
import { maxDisks } from './spec-contradictions.ts'

/** A disk as it is asked for: what has a default may be left out. */
export type WantedDisk = Parameters<typeof completeDisk>[0] & {
  /** The kept volume that becomes the disk, which says itself what it is. */
  volume?: string | undefined
}

/** Attaches a new disk, or a volume that was kept. Throws why it cannot be. */
export function decideDiskAttach(
  vm: VmRow,
  { volume, ...wanted }: WantedDisk,
  refuse: RefuseFields,
): DeviceChange<'disk.attach'> {
  const { spec } = vm
  const foreign = vm.unmanaged?.disks ?? []
  const taken = new Set([
    ...[...spec.disks, ...spec.cdroms, ...(spec.cloudInit ? [spec.cloudInit] : [])].map(({ target }) => target),
    ...foreign,
  ])
  const disk = completeDisk(wanted, guestOsProfiles[spec.guestOs], taken)
  if (foreign.includes(disk.target)) throw refuse([targetTaken(disk)])
  requireRoom(vm, spec.disks, { what: 'disks', max: maxDisks })
  // Of a volume the worker finds out what it is.
  const shown = volume === undefined ? disk : { ...disk, sizeGib: 1 }
  requireFitting(spec, { ...spec, disks: [...spec.disks, shown] }, refuse)
  requireHotplug(vm, disk)
  return { action: 'attachDisk', kind: 'disk.attach', input: { vmId: vm.id, disk, volume } }
}

/** Detaches a disk; what is on it is kept unless it is to be deleted. Throws why it cannot be. */
export function decideDiskDetach(
  vm: VmRow,
  wanted: Omit<OperationInput<'disk.detach'>, 'vmId'>,
): DeviceChange<'disk.detach'> {
  const disk = requireDisk(vm, wanted.target)
  if (wanted.deleteData) requireManaged(vm, wanted.target)
  requireHotplug(vm, disk)
  return { action: 'detachDisk', kind: 'disk.detach', input: { vmId: vm.id, ...wanted } }
}

/** Makes a disk larger. Throws why it cannot be. */
export function decideDiskResize(
  vm: VmRow,
  { target, sizeGib }: Omit<OperationInput<'disk.resize'>, 'vmId'>,
): DeviceChange<'disk.resize'> {
  const disk = requireDisk(vm, target)
  requireManaged(vm, target)
  if (disk.readOnly) {
    throw new AppError('failed_precondition', `Nobody can write to disk ${target}, so it is not made larger.`, {
      reason: 'DISK_IS_READ_ONLY',
    })
  }
  if (disk.sizeGib !== undefined && sizeGib < disk.sizeGib) throw cannotShrink(disk, disk.sizeGib, sizeGib)
  return { action: 'resizeDisk', kind: 'disk.resize', input: { vmId: vm.id, target, sizeGib } }
}

const requireDisk = (vm: VmRow, wanted: string): DiskSpec =>
  requireDevice(
    vm,
    vm.spec.disks.find(({ target }) => target === wanted),
    { what: `disk ${wanted}`, reason: 'DISK_NOT_FOUND' },
  )

/** By a disk that others made, which the spec may have no words for. */
const targetTaken = ({ target }: DiskSpec) => ({
  path: ['target'],
  message: `${target} is there already: each must be another one`,
})

/** What others made stays as they made it. */
function requireManaged(vm: VmRow, target: string): void {
  if (!vm.unmanaged?.disks.includes(target)) return
  throw new AppError(
    'failed_precondition',
    `Disk ${target} of VM ${vm.name} was made by others, and is neither changed nor deleted.`,
    {
      reason: 'DISK_NOT_MANAGED',
      details: { target },
    },
  )
}

/** The worker sees it again: the VM may be switched on meanwhile. */
function requireHotplug({ state }: VmRow, disk: DiskSpec): void {
  const refusal = state === 'RUNNING' || state === 'PAUSED' ? hotplugRefusal(disk) : null
  if (refusal) throw refusal
}

const cannotShrink = ({ target }: DiskSpec, has: number, wanted: number): AppError =>
  new AppError(
    'failed_precondition',
    `Disk ${target} has ${has} GiB, and a disk is only made larger, not ${wanted} GiB: what is at its end would be lost.`,
    { reason: 'DISK_CANNOT_SHRINK', details: { target, sizeGib: has } },
  )
