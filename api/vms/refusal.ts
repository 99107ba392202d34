import type { Database } from '#db/client.ts'
import type { AppError } from '#db/errors.ts'
import type { VmAction } from '#db/rules/vm-actions.ts'
import { snapshotBarRefusal, vmRefusal } from '#db/rules/vm-refusal.ts'
import { getVm } from '#db/vms.ts'

/** Why a VM did not begin an action; null where nothing is against it by now. Throws `not_found`. */
export async function actionRefusal(database: Database, vmId: string, action: VmAction): Promise<AppError | null> {
  // A fresh look: what the statement saw may be older than its lock.
  const { vm, operation, snapshots } = await getVm(database, vmId)
  return vmRefusal(action, vm, operation) ?? snapshotBarRefusal(action, vm, snapshots)
}
