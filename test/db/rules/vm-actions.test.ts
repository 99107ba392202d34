import { expect, test } from 'vitest'
import { type VmAction, vmActionNames, vmMay } from '#db/rules/vm-actions.ts'
import { vmState } from '#db/schema/vm.ts'

/** Every action in every state; anything not listed is refused. */
const allowed: Record<VmAction, string[]> = {
  start: ['STOPPED'],
  stop: ['RUNNING', 'PAUSED'],
  forceStop: ['RUNNING', 'PAUSED'],
  reboot: ['RUNNING'],
  reset: ['RUNNING'],
  pause: ['RUNNING'],
  resume: ['PAUSED'],
  delete: ['STOPPED', 'FAILED', 'UNKNOWN'],
  forceDelete: ['STOPPED', 'RUNNING', 'PAUSED', 'FAILED', 'UNKNOWN'],
  release: ['STOPPED', 'RUNNING', 'PAUSED', 'UNKNOWN'],
  snapshot: ['STOPPED', 'RUNNING', 'PAUSED'],
  revert: ['STOPPED', 'RUNNING', 'PAUSED'],
  deleteSnapshot: ['STOPPED', 'RUNNING', 'PAUSED'],
  update: ['STOPPED', 'RUNNING', 'PAUSED'],
  attachDisk: ['STOPPED', 'RUNNING', 'PAUSED'],
  detachDisk: ['STOPPED', 'RUNNING'],
  resizeDisk: ['STOPPED', 'RUNNING', 'PAUSED'],
  changeMedia: ['STOPPED', 'RUNNING', 'PAUSED'],
  attachNic: ['STOPPED', 'RUNNING', 'PAUSED'],
  detachNic: ['STOPPED', 'RUNNING'],
  askGuest: ['RUNNING'],
}

test.for(Object.entries(allowed) as [VmAction, string[]][])(
  'a VM may %s from these states and no other',
  ([action, states]) => {
    expect(vmState.enumValues.filter((state) => vmMay(action, { state, definedOnNode: false }))).toEqual(states)
  },
)

test('nothing begins while a VM is on its way', () => {
  for (const action of vmActionNames) {
    for (const state of ['CREATING', 'STARTING', 'STOPPING', 'REVERTING', 'DELETING'] as const)
      expect(vmMay(action, { state, definedOnNode: true })).toBe(false)
  }
})

test('what switches a VM waits for a node that nobody knows of, and nothing else does', () => {
  const waiting = vmActionNames.filter((action) => vmMay(action, { state: 'UNKNOWN', definedOnNode: true }))
  const notWaiting = vmActionNames.filter((action) => vmMay(action, { state: 'UNKNOWN', definedOnNode: false }))
  expect(waiting.filter((action) => !notWaiting.includes(action))).toEqual([
    ...['start', 'stop', 'forceStop', 'reboot', 'reset', 'pause', 'resume'],
  ])
})
