import { AppError } from '#db/errors.ts'
import { remedies } from './remedies.ts'
import type { VmAction } from './vm-actions.ts'

/** What of a VM's snapshots forbids a change of its devices. */
interface SnapshotBar {
  /** Of which kind of snapshots there must be none. */
  bars: 'any' | 'memory'
  because: string
}

const disksGoBack: SnapshotBar = {
  bars: 'any',
  because: 'They hold its disks as they are now, in number and size, and could not be reverted to',
}
const machineGoesBack: SnapshotBar = {
  bars: 'memory',
  because: 'A saved memory goes back only into the machine that it was saved from, with the same network cards',
}

/** A medium may change: a revert brings back the one of now. */
export const snapshotBars = {
  attachDisk: disksGoBack,
  detachDisk: disksGoBack,
  resizeDisk: disksGoBack,
  attachNic: machineGoesBack,
  detachNic: machineGoesBack,
  changeMedia: null,
} as const satisfies Partial<Record<VmAction, SnapshotBar | null>>

export type DeviceAction = keyof typeof snapshotBars

/** Why the snapshots of a VM forbid the change; null where there are none of those that do. */
export function snapshotBarRefusal(
  action: DeviceAction,
  vm: { id: string; name: string },
  count: number,
): AppError | null {
  const bar = snapshotBars[action]
  if (!bar || count === 0) return null
  const which = bar.bars === 'memory' ? 'memory snapshots' : 'snapshots'
  return new AppError(
    'failed_precondition',
    `VM ${vm.name} has ${which} (${count}). ${bar.because}: delete them first.`,
    { reason: 'VM_HAS_SNAPSHOTS', details: { vmId: vm.id, count, remedies: [remedies.deleteSnapshots] } },
  )
}
