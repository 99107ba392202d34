import { expect, test } from 'vitest'
import { allowedFrom, type VmAction } from '#db/rules/vm-actions.ts'
import { vmRefusal } from '#db/rules/vm-refusal.ts'
import type { VmState } from '#db/schema/vm.ts'

const aVm = (state: VmState) => ({ id: 'vm-1', name: 'web-1', state, message: '', diskProblem: null })
const actions = Object.keys(allowedFrom) as VmAction[]
const diskProblem = { reason: 'DISKS_OUT_OF_STEP', message: 'QEMU writes to another file.' }

test.each(actions)('%s of a VM in the right state with nothing at work is not refused', (action) => {
  for (const state of allowedFrom[action]) expect(vmRefusal(action, aVm(state), null)).toBeNull()
})

test.each(actions)('%s waits for the operation at work, whatever the state', (action) => {
  const error = vmRefusal(action, { ...aVm('FAILED'), diskProblem }, { id: 'op-1', kind: 'vm.start' })
  expect(error).toMatchObject({ code: 'aborted', reason: 'OPERATION_IN_PROGRESS', details: { operationId: 'op-1' } })
})

test.each(actions)('%s in a wrong state says which ones are right', (action) => {
  const error = vmRefusal(action, aVm('CREATING'), null)
  expect(error).toMatchObject({ code: 'failed_precondition', reason: 'WRONG_VM_STATE' })
  expect(error?.message).toContain(allowedFrom[action].join(' or '))
})

test('a VM whose disks do not agree refuses all that would touch them, and can be deleted', () => {
  const refused = actions.filter((action) => vmRefusal(action, { ...aVm(allowedFrom[action][0]), diskProblem }, null))
  expect(refused).toEqual(['start', 'stop', 'snapshot', 'revert', 'deleteSnapshot'])
  expect(vmRefusal('start', { ...aVm('STOPPED'), diskProblem }, null)).toMatchObject({
    code: 'failed_precondition',
    ...diskProblem,
  })
})
