import { getVm } from '#api/vms/service.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { type SnapshotAction, snapshotAllowedFrom } from '#db/rules/snapshot-actions.ts'
import { vmRefusal } from '#db/rules/vm-refusal.ts'
import type { SnapshotRow, SnapshotState } from '#db/schema/snapshot.ts'
import { getSnapshot } from './service.ts'

/** Why a snapshot did not begin an action; null where nothing is against it by now. Throws `not_found`. */
export async function changeRefusal(
  database: Database,
  { vmId, snapshotId, action }: { vmId: string; snapshotId: string; action: SnapshotAction },
): Promise<AppError | null> {
  const { vm, operation } = await getVm(database, vmId)
  const { snapshot } = await getSnapshot(database, vmId, snapshotId)
  const refusal = vmRefusal(action, vm, operation)
  if (refusal) return refusal
  const allowed: readonly SnapshotState[] = snapshotAllowedFrom[action]
  return allowed.includes(snapshot.state) ? null : wrongState(snapshot, allowed)
}

const wrongState = ({ name, state, error }: SnapshotRow, allowed: readonly SnapshotState[]): AppError =>
  new AppError(
    'failed_precondition',
    `Snapshot ${name} is ${state}${error ? ` (${error.message})` : ''}. It must be ${allowed.join(' or ')}.`,
    { reason: 'WRONG_SNAPSHOT_STATE', details: { state, allowed } },
  )
