import type { AppError } from '#db/errors.ts'
import type { SnapshotAction } from '#db/rules/snapshot-actions.ts'
import { keepRefusal, snapshotChangeRefusal } from '#db/rules/snapshot-refusal.ts'
import { vmNotFound } from '#db/rules/vm-refusal.ts'
import { readSnapshotFacts } from '#db/snapshot-rows.ts'
import { getSnapshot, type SnapshotWithOperation } from '#db/snapshots.ts'
import { getVm, type VmWithOperation } from '#db/vms.ts'
import { type BeginDependencies, changedMeanwhile, ring } from './begin.ts'
import type { SnapshotDependencies } from './begin-snapshot.ts'
import type { RecordedOperation } from './record.ts'
import { recordSnapshotDelete } from './record-snapshot-delete.ts'
import { recordSnapshotRevert } from './record-snapshot-revert.ts'

/** A snapshot of a VM. */
interface Which {
  vmId: string
  snapshotId: string
}

/** A revert that began. */
export interface BegunRevert extends VmWithOperation {
  begun: RecordedOperation
  /** The snapshot that what was current becomes; null where nothing is kept. */
  keptSnapshotId: string | null
}

/** Records a revert, and the snapshot that what is current becomes unless it is to be discarded, in one statement. */
export async function beginRevert(
  deps: SnapshotDependencies,
  { vmId, snapshotId }: Which,
  { startAfterRevert, discardCurrent }: { startAfterRevert: boolean; discardCurrent: boolean },
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
  const refusal = await findRefusal(deps, { vmId, snapshotId }, 'revert')
  throw refusal ?? (discardCurrent ? null : await noRoomToKeep(deps, vmId)) ?? changedMeanwhile()
}

/** Records that a snapshot is deleted; one that failed too, with what it may have left. */
export async function beginSnapshotDelete(
  deps: BeginDependencies,
  { vmId, snapshotId }: Which,
): Promise<SnapshotWithOperation & { operation: RecordedOperation }> {
  const found = await recordSnapshotDelete(deps.database, { vmId, snapshotId, operationId: deps.newId() })
  if (!found) throw vmNotFound(vmId)
  if (found.operation && found.deleted) {
    ring(deps, found.operation)
    const current = found.vm.currentSnapshotId === snapshotId
    return { snapshot: found.deleted, current, operation: found.operation }
  }
  throw (await findRefusal(deps, { vmId, snapshotId }, 'deleteSnapshot')) ?? changedMeanwhile()
}

async function findRefusal(
  { database }: BeginDependencies,
  { vmId, snapshotId }: Which,
  action: SnapshotAction,
): Promise<AppError | null> {
  const { vm, operation } = await getVm(database, vmId)
  const { snapshot } = await getSnapshot(database, vmId, snapshotId)
  return snapshotChangeRefusal(action, { vm, operation, snapshot })
}

async function noRoomToKeep({ database, maxSnapshots }: SnapshotDependencies, vmId: string): Promise<AppError | null> {
  const { snapshots } = await readSnapshotFacts(database, vmId, maxSnapshots)
  return snapshots && keepRefusal(snapshots)
}
