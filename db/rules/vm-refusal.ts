import { AppError } from '#db/errors.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { allowedFrom, needsDisksInStep, type VmAction, vmMay } from './vm-actions.ts'

export type OperationAtWork = Pick<OperationRow, 'id' | 'kind'>

/** Why a VM may not begin an action now, whatever the action's own details; null where it may. */
export function vmRefusal(
  action: VmAction,
  vm: Pick<VmRow, 'id' | 'name' | 'state' | 'message' | 'diskProblem'>,
  operation: OperationAtWork | null,
): AppError | null {
  if (operation) return operationInProgress(vm.name, operation)
  if (!vmMay(action, vm.state)) return wrongState(vm, action)
  if (vm.diskProblem && needsDisksInStep(action)) {
    const { reason, message } = vm.diskProblem
    return new AppError('failed_precondition', message, { reason, details: { vmId: vm.id } })
  }
  return null
}

/** The refusal of a second operation on a VM that has an unfinished one. */
const operationInProgress = (vmName: string, { id, kind }: OperationAtWork): AppError =>
  new AppError('aborted', `VM ${vmName} has an unfinished operation (${kind}). Wait for it, then try again.`, {
    reason: 'OPERATION_IN_PROGRESS',
    details: { operationId: id, kind },
  })

const phrases = {
  start: 'It can be started',
  stop: 'It can be stopped',
  delete: 'Stop it first, or delete it with force=true. Without force it can be deleted',
  forceDelete: 'It can be deleted with force=true',
  snapshot: 'A snapshot can be taken',
  revert: 'It can be reverted',
  deleteSnapshot: 'A snapshot of it can be deleted',
} as const satisfies Record<VmAction, string>

const wrongState = ({ name, state, message }: Pick<VmRow, 'name' | 'state' | 'message'>, action: VmAction): AppError =>
  new AppError(
    'failed_precondition',
    `VM ${name} is ${state}${message && ` (${message})`}. ${phrases[action]} when it is ${allowedFrom[action].join(' or ')}.`,
    { reason: 'WRONG_VM_STATE', details: { state, allowed: allowedFrom[action] } },
  )
