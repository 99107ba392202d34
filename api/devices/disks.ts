import type { z } from '@hono/zod-openapi'
import type { Deps } from '#api/deps.ts'
import { invalidRequest } from '#api/http/validation.ts'
import type { Begun } from '#api/vms/actions.ts'
import { getVm } from '#api/vms/service.ts'
import { completeDisk } from '#db/complete-spec.ts'
import { AppError } from '#db/errors.ts'
import { guestOsProfiles } from '#db/guest-os/profiles.ts'
import { hotplugRefusal } from '#db/rules/hotplug.ts'
import { maxDisks } from '#db/rules/spec-contradictions.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { DiskSpec } from '#db/vm-spec.ts'
import { beginChange, requireDevice, requireFitting, requireRoom } from './change.ts'
import type { DiskAttachInput, diskDetachQuery } from './schemas.ts'

/** Attaches a new disk, or a volume that was kept. */
export async function attachDisk(deps: Deps, vmId: string, { volume, ...wanted }: DiskAttachInput): Promise<Begun> {
  const { vm } = await getVm(deps.database, vmId)
  const { spec } = vm
  const foreign = vm.unmanaged?.disks ?? []
  const taken = new Set([
    ...[...spec.disks, ...spec.cdroms, ...(spec.cloudInit ? [spec.cloudInit] : [])].map(({ target }) => target),
    ...foreign,
  ])
  const disk = completeDisk(wanted, guestOsProfiles[spec.guestOs], taken)
  if (foreign.includes(disk.target)) throw invalidRequest([targetTaken(disk)])
  requireRoom(vm, spec.disks, { what: 'disks', max: maxDisks })
  // Of a volume the worker finds out what it is.
  const shown = volume === undefined ? disk : { ...disk, sizeGib: 1 }
  requireFitting(spec, { ...spec, disks: [...spec.disks, shown] })
  requireHotplug(vm, disk)
  return beginChange(deps, vm, { action: 'attachDisk', kind: 'disk.attach', input: { vmId, disk, volume } })
}

/** Detaches a disk; what is on it is kept unless it is to be deleted. */
export async function detachDisk(
  deps: Deps,
  { id, target }: { id: string; target: string },
  options: z.output<typeof diskDetachQuery>,
): Promise<Begun> {
  const { vm, device } = await requireDisk(deps, id, target)
  if (options.deleteData) requireManaged(vm, target)
  requireHotplug(vm, device)
  return beginChange(deps, vm, {
    action: 'detachDisk',
    kind: 'disk.detach',
    input: { vmId: id, target, ...options },
  })
}

/** Makes a disk larger. */
export async function resizeDisk(
  deps: Deps,
  { id, target }: { id: string; target: string },
  { sizeGib }: { sizeGib: number },
): Promise<Begun> {
  const { vm, device } = await requireDisk(deps, id, target)
  requireManaged(vm, target)
  if (device.readOnly) {
    throw new AppError('failed_precondition', `Nobody can write to disk ${target}, so it is not made larger.`, {
      reason: 'DISK_IS_READ_ONLY',
    })
  }
  if (device.sizeGib !== undefined && sizeGib < device.sizeGib) throw cannotShrink(device, device.sizeGib, sizeGib)
  return beginChange(deps, vm, { action: 'resizeDisk', kind: 'disk.resize', input: { vmId: id, target, sizeGib } })
}

const requireDisk = (deps: Deps, vmId: string, target: string) =>
  requireDevice(deps, vmId, ({ disks }) => disks.find((disk) => disk.target === target), {
    what: `disk ${target}`,
    reason: 'DISK_NOT_FOUND',
  })

/** By a disk that others made, which the spec may have no words for. */
const targetTaken = ({ target }: DiskSpec) => ({
  code: 'custom' as const,
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
