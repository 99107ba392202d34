import { changedMeanwhile, operationInProgress } from '#api/operations/service.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { allowedFrom, type VmAction, vmMay } from '#db/rules/vm-actions.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { getVm } from './service.ts'

/** Why a VM did not begin an action, where no unfinished operation was seen. Throws `not_found`. */
export async function actionRefusal(database: Database, vmId: string, action: VmAction): Promise<AppError> {
  // A fresh look: what the statement saw may be older than its lock.
  const { vm, operation } = await getVm(database, vmId)
  if (operation) return operationInProgress(vm.name, operation)
  if (!vmMay(action, vm.state)) return wrongState(vm, action)
  return changedMeanwhile()
}

const phrases = {
  start: 'It can be started',
  stop: 'It can be stopped',
  delete: 'Stop it first, or delete it with force=true. Without force it can be deleted',
  forceDelete: 'It can be deleted with force=true',
  snapshot: 'A snapshot can be taken',
} as const satisfies Record<VmAction, string>

const wrongState = ({ name, state, message }: VmRow, action: VmAction): AppError =>
  new AppError(
    'failed_precondition',
    `VM ${name} is ${state}${message && ` (${message})`}. ${phrases[action]} when it is ${allowedFrom[action].join(' or ')}.`,
    { reason: 'WRONG_VM_STATE', details: { state, allowed: allowedFrom[action] } },
  )
