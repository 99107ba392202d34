import { AppError, type ErrorCode } from '#db/errors.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { remedies as everyRemedy } from './remedies.ts'
import { ruleOf, type SnapshotGroup, type VmAction, vmActionNames, vmMay } from './vm-actions.ts'

export type OperationAtWork = Pick<OperationRow, 'id' | 'kind' | 'status' | 'input'>

type JudgedVm = Pick<VmRow, 'id' | 'name' | 'state' | 'message' | 'definedOnNode' | 'diskProblem' | 'unmanaged'>

interface Refusal {
  code: ErrorCode
  /** For programs. */
  reason: string
  /** For people. */
  message: string
  details: Record<string, unknown>
}

/** Of a VM's snapshots how many there are in each group. */
export type SnapshotCounts = Record<SnapshotGroup, number>

export const noSnapshots: SnapshotCounts = { any: 0, memory: 0 }

/** Why a VM may not begin an action now, whatever the action's own details and the VM's snapshots; null where it may. */
export const vmRefusal = (action: VmAction, vm: JudgedVm, operation: OperationAtWork | null): AppError | null =>
  asError(judge(action, vm, operation))

/** Why a VM's snapshots forbid an action; null where they do not. */
export const snapshotBarRefusal = (
  action: VmAction,
  vm: Pick<JudgedVm, 'id' | 'name'>,
  snapshots: SnapshotCounts,
): AppError | null => asError(barredBySnapshots(action, vm, snapshots))

/** Why a VM may not begin an action now, whatever the action's own details; null where it may. */
export const actionRefusal = (
  action: VmAction,
  { vm, operation, snapshots }: { vm: JudgedVm; operation: OperationAtWork | null; snapshots: SnapshotCounts },
): AppError | null => vmRefusal(action, vm, operation) ?? snapshotBarRefusal(action, vm, snapshots)

/** Why no snapshot at all is taken of a VM's disks; null where they are Quantix's own. */
export const foreignDisksRefusal = (vm: Pick<JudgedVm, 'id' | 'name' | 'unmanaged'>): AppError | null =>
  asError(notOwnDisks(vm))

/** The refusal of a VM that nobody knows. */
export const vmNotFound = (id: string): AppError =>
  new AppError('not_found', `VM ${id} does not exist.`, { reason: 'VM_NOT_FOUND' })

/** The refusal of a name that the VM with that id has. */
export const vmNameTaken = (name: string, vmId: string): AppError =>
  new AppError('already_exists', `A VM named ${name} exists already. Choose another name.`, {
    reason: 'VM_NAME_TAKEN',
    details: { vmId },
  })

/** The refusal of an id that another VM has. */
export const vmIdTaken = (vmId: string): AppError =>
  new AppError('already_exists', `VM ${vmId} exists already, and is another one. Choose another id.`, {
    reason: 'VM_ID_TAKEN',
    details: { vmId },
  })

const asError = (refusal: Refusal | null): AppError | null =>
  refusal && new AppError(refusal.code, refusal.message, refusal)

/** Whether a VM may begin an action now. */
export interface AllowedAction {
  allowed: boolean
  /** For programs; null where it is allowed. */
  reason: string | null
  /** For people: why not; empty where it is allowed. */
  message: string
}

/** Of every action whether the VM may begin it now, by the rule that decides when it is asked for. */
export const allowedActions = (
  vm: JudgedVm,
  operation: OperationAtWork | null,
  snapshots: SnapshotCounts,
): Record<VmAction, AllowedAction> => {
  const all: Partial<Record<VmAction, AllowedAction>> = {}
  for (const action of vmActionNames) {
    const refusal = judge(action, vm, operation) ?? barredBySnapshots(action, vm, snapshots)
    all[action] = { allowed: refusal === null, reason: refusal?.reason ?? null, message: refusal?.message ?? '' }
  }
  return all as Record<VmAction, AllowedAction>
}

function judge(action: VmAction, vm: JudgedVm, operation: OperationAtWork | null): Refusal | null {
  const { needsDisksInStep, needsOwnDisks, onlyAdopted } = ruleOf(action)
  if (operation && !isOvertaken(operation, action)) return operationInProgress(vm.name, operation)
  if (!operation && !vmMay(action, vm)) return wrongState(vm, action)
  if (onlyAdopted && !vm.unmanaged) return notAdopted(vm)
  if (vm.diskProblem && needsDisksInStep) {
    return { code: 'failed_precondition', ...vm.diskProblem, details: { vmId: vm.id } }
  }
  return needsOwnDisks ? notOwnDisks(vm) : null
}

function barredBySnapshots(
  action: VmAction,
  { id, name }: Pick<JudgedVm, 'id' | 'name'>,
  snapshots: SnapshotCounts,
): Refusal | null {
  const { barredBy } = ruleOf(action)
  const count = barredBy ? snapshots[barredBy.group] : 0
  if (!barredBy || count === 0) return null
  const which = barredBy.group === 'memory' ? 'memory snapshots' : 'snapshots'
  return {
    code: 'failed_precondition',
    reason: 'VM_HAS_SNAPSHOTS',
    message: `VM ${name} has ${which} (${count}). ${barredBy.because}: delete them first.`,
    details: { vmId: id, count, remedies: [everyRemedy.deleteSnapshots] },
  }
}

/** Whether the operation only waits for its guest, and the action need not. `overtakenOperation` says the same in SQL. */
const isOvertaken = ({ kind, status, input }: OperationAtWork, action: VmAction): boolean =>
  ruleOf(action).overtakes.includes(kind) && status !== 'undoing' && input.force !== true

/** The refusal of a second operation on a VM that has an unfinished one. */
const operationInProgress = (vmName: string, { id, kind }: OperationAtWork): Refusal => ({
  code: 'aborted',
  reason: 'OPERATION_IN_PROGRESS',
  message: `VM ${vmName} has an unfinished operation (${kind}). Wait for it, then try again.`,
  details: { operationId: id, kind },
})

const notAdopted = ({ id, name }: JudgedVm): Refusal => ({
  code: 'failed_precondition',
  reason: 'VM_NOT_ADOPTED',
  message: `VM ${name} was made by Quantix, so there is nobody to give it back to. Delete it, with deleteDisks=false to keep its disks.`,
  details: { vmId: id },
})

/** What a snapshot is made of lies in the node's pool, and a file of others is neither written beside nor merged into. */
function notOwnDisks({ id, name, unmanaged }: Pick<JudgedVm, 'id' | 'name' | 'unmanaged'>): Refusal | null {
  const disks = unmanaged?.disks ?? []
  if (disks.length === 0) return null
  return {
    code: 'failed_precondition',
    reason: 'DISK_NOT_MANAGED',
    message: `VM ${name} was adopted with ${disks.join(', ')}, which Quantix did not make, and it takes no snapshots of such. Detach them, or take snapshots with the tools that made the VM.`,
    details: { vmId: id, disks },
  }
}

function wrongState({ name, state, message, definedOnNode }: JudgedVm, action: VmAction): Refusal {
  const { from, phrase, remedies } = ruleOf(action)
  const isGone = state === 'UNKNOWN' && !definedOnNode
  const waysOut = isGone ? [everyRemedy.delete] : remedies[state]
  return {
    code: 'failed_precondition',
    reason: 'WRONG_VM_STATE',
    message: `VM ${name} is ${state}${message && ` (${message})`}. ${phrase} when it is ${from.join(' or ')}.`,
    details: { state, allowed: from, ...(waysOut && { remedies: waysOut }) },
  }
}
