import type { Database } from '#db/client.ts'
import type { AppError } from '#db/errors.ts'
import type { SnapshotAction } from '#db/rules/snapshot-actions.ts'
import { snapshotStateRefusal } from '#db/rules/snapshot-refusal.ts'
import { vmRefusal } from '#db/rules/vm-refusal.ts'
import { getSnapshot } from '#db/snapshots.ts'
import { getVm } from '#db/vms.ts'

/** Why a snapshot did not begin an action; null where nothing is against it by now. Throws `not_found`. */
export async function changeRefusal(
  database: Database,
  { vmId, snapshotId, action }: { vmId: string; snapshotId: string; action: SnapshotAction },
): Promise<AppError | null> {
  const { vm, operation } = await getVm(database, vmId)
  const { snapshot } = await getSnapshot(database, vmId, snapshotId)
  return vmRefusal(action, vm, operation) ?? snapshotStateRefusal(action, snapshot)
}
