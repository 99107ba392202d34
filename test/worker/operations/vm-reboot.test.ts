import { describe, expect, test } from 'vitest'
import { anOperation, readVm } from '#test/db/rows.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, perform } from './harness.ts'

describe.each([
  ['a reboot', false],
  ['a reset', true],
])('%s', (_, force) => {
  holdsTheGuarantees({
    kind: 'vm.reboot',
    async arrange(hypervisor) {
      const vm = await aVmOnNode(hypervisor, 'RUNNING')
      return { vm, input: { vmId: vm.id, force, timeoutSeconds: 30 } }
    },
    async expectDone({ contents }, vm) {
      expect(contents.vms[vm.id]?.state).toBe('RUNNING')
      expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: '', startedAt: vm.startedAt })
    },
    async expectUndone(_, vm) {
      expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: 'Failed to reboot: injected' })
    },
  })
})

const anUnwillingVm = (hypervisor: SimulatedHypervisor) =>
  aVmOnNode(hypervisor, 'RUNNING', { name: `ignores-shutdown-${crypto.randomUUID()}` })

test('a guest that does not reboot in its time runs on, and the operation fails with the way out', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await anUnwillingVm(hypervisor)
  const input = { force: false, timeoutSeconds: 1 }
  const operation = await perform(await anOperation(db, vm, 'vm.reboot', { input }), { hypervisor })
  expect(operation).toMatchObject({
    status: 'failed',
    error: {
      code: 'deadline_exceeded',
      reason: 'GUEST_DID_NOT_REBOOT',
      details: { remedies: [{ action: 'USE_FORCE', request: { force: true } }] },
    },
  })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: expect.stringContaining('within 1 s') })
})

test('a reset does not ask the guest', async () => {
  const calls: string[] = []
  const hypervisor = createSimulatedHypervisor({ onCall: (call) => calls.push(call) })
  const vm = await anUnwillingVm(hypervisor)
  const input = { force: true, timeoutSeconds: 600 }
  const operation = await perform(await anOperation(db, vm, 'vm.reboot', { input }), { hypervisor })
  expect(operation.status).toBe('succeeded')
  expect(calls).toContain('resetVm')
  expect(calls).not.toContain('requestReboot')
})

test('a guest that shuts down instead fails the reboot at once, and the VM is shown stopped', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await anUnwillingVm(hypervisor)
  hypervisor.requestReboot = async () => hypervisor.changeUnasked(vm.id, 'STOPPED')
  const input = { force: false, timeoutSeconds: 600 }
  const operation = await perform(await anOperation(db, vm, 'vm.reboot', { input }), { hypervisor })
  expect(operation).toMatchObject({ status: 'failed', error: { reason: 'GUEST_SHUT_DOWN' } })
  expect((await readVm(db, vm.id))?.state).toBe('STOPPED')
})

test('a worker that takes over asks the guest again, and keeps its deadline', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await anUnwillingVm(hypervisor)
  const recorded = await anOperation(db, vm, 'vm.reboot', { input: { force: false, timeoutSeconds: 60 } })
  const stopping = new AbortController()
  const at = (step: string) => {
    if (step === 'reboot') setTimeout(() => stopping.abort(), 20)
  }
  const putDown = await perform(recorded, { hypervisor, at, signal: stopping.signal })
  expect(putDown).toMatchObject({ status: 'queued', error: null })
  // The event of its first reboot was for a worker that is gone.
  hypervisor.requestReboot = async (vmId) => hypervisor.resetVm(vmId)
  const ended = await perform(recorded, { hypervisor })
  expect(ended).toMatchObject({ status: 'succeeded', steps: { 'set-deadline': putDown.steps['set-deadline'] } })
})
