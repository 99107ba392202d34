import type { Deps } from '#api/deps.ts'
import { changedMeanwhile, ring } from '#db/operations/begin.ts'
import type { RecordedOperation } from '#db/operations/record.ts'
import { recordSnapshotDelete } from '#db/operations/record-snapshot-delete.ts'
import { vmNotFound } from '#db/rules/vm-refusal.ts'
import type { SnapshotWithOperation } from '#db/snapshots.ts'
import { changeRefusal } from './refusal.ts'

/** Records that a snapshot is deleted; one that failed too, with what it may have left. */
export async function deleteSnapshot(
  deps: Deps,
  vmId: string,
  snapshotId: string,
): Promise<SnapshotWithOperation & { operation: RecordedOperation }> {
  const found = await recordSnapshotDelete(deps.database, { vmId, snapshotId, operationId: deps.newId() })
  if (!found) throw vmNotFound(vmId)
  if (found.operation && found.deleted) {
    ring(deps, found.operation)
    const current = found.vm.currentSnapshotId === snapshotId
    return { snapshot: found.deleted, current, operation: found.operation }
  }
  throw (await changeRefusal(deps.database, { vmId, snapshotId, action: 'deleteSnapshot' })) ?? changedMeanwhile()
}
