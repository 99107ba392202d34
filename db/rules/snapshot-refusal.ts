import { AppError } from '#db/errors.ts'
import type { SnapshotRow, SnapshotState } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { remedies } from './remedies.ts'
import { type SnapshotAction, snapshotAllowedFrom } from './snapshot-actions.ts'
import { type OperationAtWork, vmRefusal } from './vm-refusal.ts'

type JudgedSnapshot = Pick<SnapshotRow, 'name' | 'state' | 'error'>

/** Why a snapshot may not begin an action in its state; null where it may. */
function snapshotStateRefusal(action: SnapshotAction, { name, state, error }: JudgedSnapshot): AppError | null {
  const allowed: readonly SnapshotState[] = snapshotAllowedFrom[action]
  if (allowed.includes(state)) return null
  return new AppError(
    'failed_precondition',
    `Snapshot ${name} is ${state}${error ? ` (${error.message})` : ''}. It must be ${allowed.join(' or ')}.`,
    { reason: 'WRONG_SNAPSHOT_STATE', details: { state, allowed } },
  )
}

/** Why a snapshot of a VM may not begin an action now; null where it may. */
export const snapshotChangeRefusal = (
  action: SnapshotAction,
  { vm, operation, snapshot }: { vm: VmRow; operation: OperationAtWork | null; snapshot: JudgedSnapshot },
): AppError | null => vmRefusal(action, vm, operation) ?? snapshotStateRefusal(action, snapshot)

/** The refusal of a snapshot that the VM does not have. */
export const snapshotNotFound = (vmId: string, id: string): AppError =>
  new AppError('not_found', `VM ${vmId} has no snapshot ${id}.`, { reason: 'SNAPSHOT_NOT_FOUND' })

/** The refusal of a second snapshot of the same name. */
export const snapshotNameTaken = (vmName: string, name: string, snapshotId: string): AppError =>
  new AppError('already_exists', `VM ${vmName} has a snapshot named ${name} already. Choose another name.`, {
    reason: 'SNAPSHOT_NAME_TAKEN',
    details: { snapshotId },
  })

/** Why a revert cannot keep what is current; null where it can. */
export function keepRefusal(snapshots: { count: number; max: number }): AppError | null {
  if (snapshots.count < snapshots.max) return null
  return new AppError(
    'resource_exhausted',
    `The VM has ${snapshots.count} snapshots, and ${snapshots.max} is the most: what is current now cannot be kept as another. Delete some, or revert with discardCurrent.`,
    {
      reason: 'TOO_MANY_SNAPSHOTS',
      details: { ...snapshots, remedies: [remedies.deleteSnapshots, remedies.discardCurrent] },
    },
  )
}
