import { expect, test } from 'vitest'
import { ruleOf, type VmAction, vmActionNames } from '#db/rules/vm-actions.ts'
import {
  allowedActions,
  noSnapshots,
  type OperationAtWork,
  snapshotBarRefusal,
  vmRefusal,
} from '#db/rules/vm-refusal.ts'
import type { VmState } from '#db/schema/vm.ts'

/** One that was adopted, on disks of our own, may all that there is. */
const aVm = (state: VmState, definedOnNode = true) => ({
  definedOnNode,
  id: 'vm-1',
  name: 'web-1',
  state,
  message: '',
  diskProblem: null,
  unmanaged: { devices: ['hostdev'], disks: [] as string[] },
})
const diskProblem = { reason: 'DISKS_OUT_OF_STEP', message: 'QEMU writes to another file.' }
const anOperation = (parts: Partial<OperationAtWork> = {}): OperationAtWork => ({
  id: 'op-1',
  kind: 'vm.start',
  status: 'running',
  input: {},
  ...parts,
})

/** The actions that are allowed. */
const allowedOf = (vm: Parameters<typeof allowedActions>[0], operation: OperationAtWork | null = null) =>
  vmActionNames.filter((action) => allowedActions(vm, operation, noSnapshots)[action].allowed)

test.each(vmActionNames)('%s of a VM in the right state with nothing at work is not refused', (action) => {
  for (const state of ruleOf(action).from) expect(vmRefusal(action, aVm(state), null)).toBeNull()
})

test.each(vmActionNames)('%s waits for the operation at work, whatever the state', (action) => {
  const error = vmRefusal(action, { ...aVm('FAILED'), diskProblem }, anOperation())
  expect(error).toMatchObject({ code: 'aborted', reason: 'OPERATION_IN_PROGRESS', details: { operationId: 'op-1' } })
})

test.each(vmActionNames)('%s in a wrong state says which ones are right', (action) => {
  const error = vmRefusal(action, aVm('CREATING'), null)
  expect(error).toMatchObject({ code: 'failed_precondition', reason: 'WRONG_VM_STATE' })
  expect(error?.message).toContain(ruleOf(action).from.join(' or '))
})

test.each([
  ['start', 'PAUSED', 'RESUME_VM'],
  ['reboot', 'PAUSED', 'RESUME_VM'],
  ['reset', 'STOPPED', 'START_VM'],
  ['resume', 'STOPPED', 'START_VM'],
  ['delete', 'RUNNING', 'STOP_VM'],
] as const)('the refusal to %s a %s VM names the way out %s', (action, state, remedy) => {
  const remedies = vmRefusal(action, aVm(state), null)?.details?.remedies
  expect(remedies).toContainEqual(expect.objectContaining({ action: remedy }))
})

test('a VM whose disks do not agree refuses all that would touch them, and can be paused, reset and deleted', () => {
  const refused = vmActionNames.filter((action) =>
    vmRefusal(action, { ...aVm(ruleOf(action).from[0]), diskProblem }, null),
  )
  expect(refused).toEqual([
    ...['start', 'stop', 'forceStop', 'reboot', 'snapshot', 'revert', 'deleteSnapshot'],
    ...['attachDisk', 'detachDisk', 'resizeDisk'],
  ])
  expect(vmRefusal('start', { ...aVm('STOPPED'), diskProblem }, null)).toMatchObject({
    code: 'failed_precondition',
    ...diskProblem,
  })
})

test.each<[string, Partial<OperationAtWork>, VmAction[]]>([
  ['a stop that waits for the guest', { kind: 'vm.stop', input: { force: false } }, ['forceStop', 'forceDelete']],
  [
    'one that waits to begin',
    { kind: 'vm.stop', status: 'queued', input: { force: false } },
    ['forceStop', 'forceDelete'],
  ],
  [
    'a reboot that waits for the guest',
    { kind: 'vm.reboot', input: { force: false } },
    ['forceStop', 'reset', 'forceDelete'],
  ],
  ['a forced stop', { kind: 'vm.stop', input: { force: true } }, []],
  ['a reset', { kind: 'vm.reboot', input: { force: true } }, []],
  ['a stop that is being undone', { kind: 'vm.stop', status: 'undoing', input: { force: false } }, []],
  ['a delete', { kind: 'vm.delete', input: { force: false } }, []],
])('of all actions only those that need no guest overtake %s', (_, operation, actions) => {
  expect(allowedOf(aVm('STOPPING'), anOperation(operation))).toEqual(actions)
})

test('what is allowed is what would not be refused, with the same reason', () => {
  const snapshots = { any: 2, memory: 1 }
  for (const state of ['RUNNING', 'PAUSED', 'STOPPED', 'STARTING', 'FAILED', 'UNKNOWN'] as const) {
    for (const vm of [aVm(state), { ...aVm(state), diskProblem }]) {
      for (const [action, shown] of Object.entries(allowedActions(vm, null, snapshots))) {
        const name = action as VmAction
        const refusal = vmRefusal(name, vm, null) ?? snapshotBarRefusal(name, vm, snapshots)
        expect(shown).toEqual({
          allowed: refusal === null,
          reason: refusal?.reason ?? null,
          message: refusal?.message ?? '',
        })
      }
    }
  }
})

test('a VM that runs may be stopped, rebooted and paused, and not started or resumed', () => {
  expect(allowedOf(aVm('RUNNING'))).toEqual([
    ...['stop', 'forceStop', 'reboot', 'reset', 'pause', 'forceDelete', 'update', 'release'],
    ...['snapshot', 'revert', 'deleteSnapshot'],
    ...['attachDisk', 'detachDisk', 'resizeDisk', 'changeMedia', 'attachNic', 'detachNic', 'askGuest'],
  ])
})

test('a VM that Quantix made is not released: there is nobody to give it back to', () => {
  const made = { ...aVm('STOPPED'), unmanaged: null }
  expect(vmRefusal('release', made, null)).toMatchObject({ code: 'failed_precondition', reason: 'VM_NOT_ADOPTED' })
  expect(vmRefusal('snapshot', made, null)).toBeNull()
})

test.each([
  [{ any: 2, memory: 0 }, ['release', 'attachDisk', 'detachDisk', 'resizeDisk']],
  [{ any: 2, memory: 1 }, ['release', 'attachDisk', 'detachDisk', 'resizeDisk', 'attachNic', 'detachNic']],
])('snapshots (%o) forbid %o, and nothing else', (snapshots, actions) => {
  const barred = vmActionNames.filter((action) => snapshotBarRefusal(action, aVm('STOPPED'), snapshots))
  expect(barred).toEqual(actions)
})

test('of disks that others made no snapshot is taken, and nothing else is refused for their sake', () => {
  const refused = vmActionNames.filter((action) => {
    const vm = { ...aVm(ruleOf(action).from[0]), unmanaged: { devices: [], disks: ['vda', 'sdb'] } }
    return vmRefusal(action, vm, null)?.reason === 'DISK_NOT_MANAGED'
  })
  expect(refused).toEqual(['snapshot'])
  const vm = { ...aVm('RUNNING'), unmanaged: { devices: [], disks: ['vda', 'sdb'] } }
  expect(vmRefusal('snapshot', vm, null)?.message).toContain('vda, sdb')
})

test('of a VM that its node does not have any more the way out is to delete it', () => {
  const gone = aVm('UNKNOWN', false)
  expect(allowedOf(gone)).toEqual(expect.arrayContaining(['delete', 'forceDelete']))
  expect(vmRefusal('start', gone, null)).toMatchObject({
    reason: 'WRONG_VM_STATE',
    details: { remedies: [{ action: 'DELETE_VM' }] },
  })
})
