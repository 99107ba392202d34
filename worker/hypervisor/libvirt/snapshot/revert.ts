import type { Reverted, RevertRequest } from '#worker/hypervisor/port.ts'
import type { SnapshotDeps } from './create.ts'

/** Puts a VM back to a snapshot. */
export async function revertToSnapshot(_deps: SnapshotDeps, _request: RevertRequest): Promise<Reverted> {
  throw new Error('to be written')
}

/** Puts a VM back on the disks that were current before a revert that failed. */
export async function undoRevert(_deps: SnapshotDeps, _request: RevertRequest): Promise<void> {
  throw new Error('to be written')
}
