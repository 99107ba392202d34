import { changedMeanwhile } from '#api/operations/service.ts'
import type { Database } from '#db/client.ts'
import type { AppError } from '#db/errors.ts'
import type { VmAction } from '#db/rules/vm-actions.ts'
import { vmRefusal } from '#db/rules/vm-refusal.ts'
import { getVm } from './service.ts'

/** Why a VM did not begin an action. Throws `not_found`. */
export async function actionRefusal(database: Database, vmId: string, action: VmAction): Promise<AppError> {
  // A fresh look: what the statement saw may be older than its lock.
  const { vm, operation } = await getVm(database, vmId)
  return vmRefusal(action, vm, operation) ?? changedMeanwhile()
}
