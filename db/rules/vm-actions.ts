import type { VmState } from '#db/schema/vm.ts'

/** From which states a VM may begin each action. A VM that is already where the action leads converges instead. */
export const allowedFrom = {
  start: ['STOPPED'],
  stop: ['RUNNING', 'PAUSED'],
  delete: ['STOPPED', 'FAILED', 'UNKNOWN'],
  forceDelete: ['STOPPED', 'FAILED', 'UNKNOWN', 'RUNNING', 'PAUSED'],
  snapshot: ['RUNNING', 'PAUSED', 'STOPPED'],
  revert: ['RUNNING', 'PAUSED', 'STOPPED'],
  deleteSnapshot: ['RUNNING', 'PAUSED', 'STOPPED'],
} as const satisfies Record<string, readonly VmState[]>

export type VmAction = keyof typeof allowedFrom

/** Whether a VM in this state may begin the action. */
export const vmMay = (action: VmAction, state: VmState): boolean =>
  (allowedFrom[action] as readonly VmState[]).includes(state)

/** Whether the action needs disks that agree; what does not deletes them all. */
export const needsDisksInStep = (action: VmAction): boolean => action !== 'delete' && action !== 'forceDelete'
