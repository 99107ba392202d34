import type { Deps } from '#api/deps.ts'
import type { AppError } from '#db/errors.ts'
import { changedMeanwhile, ring } from '#db/operations/begin.ts'
import type { RecordedOperation } from '#db/operations/record.ts'
import { recordSnapshotRevert } from '#db/operations/record-snapshot-revert.ts'
import { keepRefusal } from '#db/rules/snapshot-refusal.ts'
import { vmNotFound } from '#db/rules/vm-refusal.ts'
import type { VmWithOperation } from '#db/vms.ts'
import { readSnapshotFacts } from './facts.ts'
import { changeRefusal } from './refusal.ts'
import type { SnapshotRevertInput } from './revert-schema.ts'

/** A revert that began. */
export interface BegunRevert extends VmWithOperation {
  begun: RecordedOperation
  /** The snapshot that what was current becomes; null where nothing is kept. */
  keptSnapshotId: string | null
}

/** Records a revert, and the snapshot that what is current becomes unless it is to be discarded, in one statement. */
export async function revertToSnapshot(
  deps: Deps,
  vmId: string,
  snapshotId: string,
  { startAfterRevert, discardCurrent }: SnapshotRevertInput,
): Promise<BegunRevert> {
  const found = await recordSnapshotRevert(deps.database, {
    vmId,
    snapshotId,
    operationId: deps.newId(),
    start: startAfterRevert,
    keepAs: discardCurrent ? null : deps.newId(),
    maxSnapshots: deps.maxSnapshots,
  })
  if (!found) throw vmNotFound(vmId)
  if (found.operation && found.changed) {
    ring(deps, found.operation)
    return {
      vm: found.changed,
      operation: found.operation,
      snapshots: found.counted.snapshots,
      begun: found.operation,
      keptSnapshotId: found.kept?.id ?? null,
    }
  }
  const refusal = await changeRefusal(deps.database, { vmId, snapshotId, action: 'revert' })
  throw refusal ?? (discardCurrent ? null : await noRoomToKeep(deps, vmId)) ?? changedMeanwhile()
}

async function noRoomToKeep(deps: Deps, vmId: string): Promise<AppError | null> {
  const { snapshots } = await readSnapshotFacts(deps, vmId)
  return snapshots && keepRefusal(snapshots)
}
