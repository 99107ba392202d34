import { pino } from 'pino'
import { expect, test } from 'vitest'
import { anOperation, readOperation, readVm } from '#test/db/rows.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { createObserver } from '#worker/node/observer.ts'
import { aVmOnNode, db, holdsTheGuarantees, node, perform } from './harness.ts'

holdsTheGuarantees({
  kind: 'vm.stop',
  async arrange(hypervisor) {
    const vm = await aVmOnNode(hypervisor, 'RUNNING')
    return { vm, input: { vmId: vm.id, force: false, timeoutSeconds: 30 } }
  },
  async expectDone({ contents }, vm) {
    expect(contents.vms[vm.id]?.state).toBe('STOPPED')
    expect(await readVm(db, vm.id)).toMatchObject({
      state: 'STOPPED',
      message: '',
      effectiveCpu: null,
      startedAt: null,
    })
  },
  // A guest that was asked may still shut down after the operation has failed; the node's observer sees that.
  async expectUndone(hypervisor, vm) {
    const failed = await readVm(db, vm.id)
    expect(failed?.message).toBe('Failed to stop: injected')
    await createObserver({ db, hypervisor, claimant: node, log: pino({ level: 'silent' }) }).check(vm.id)
    expect((await readVm(db, vm.id))?.state).toBe(hypervisor.contents.vms[vm.id]?.state)
  },
})

const anUnwillingVm = (hypervisor: SimulatedHypervisor) =>
  aVmOnNode(hypervisor, 'RUNNING', { name: `ignores-shutdown-${crypto.randomUUID()}` })

test('a guest that does not shut down in its time loses its power, and the VM says so', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await anUnwillingVm(hypervisor)
  const input = { force: false, timeoutSeconds: 1 }
  const startedAt = performance.now()
  const operation = await perform(await anOperation(db, vm, 'vm.stop', { input }), { hypervisor })
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1000)
  expect(operation).toMatchObject({ status: 'succeeded', steps: { 'shut-down': { outcome: 'timed-out' } } })
  expect(await readVm(db, vm.id)).toMatchObject({
    state: 'STOPPED',
    message: 'The guest did not shut down within 1 s, so its power was taken away.',
  })
})

test('force takes the power away without asking the guest', async () => {
  const calls: string[] = []
  const hypervisor = createSimulatedHypervisor({ onCall: (call) => calls.push(call) })
  const vm = await anUnwillingVm(hypervisor)
  const input = { force: true, timeoutSeconds: 600 }
  await perform(await anOperation(db, vm, 'vm.stop', { input }), { hypervisor })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'STOPPED', message: '' })
  expect(calls).toContain('destroyVm')
  expect(calls).not.toContain('requestShutdown')
})

test('a worker that stops while a guest shuts down leaves the waiting to the next, with the deadline as it was', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await anUnwillingVm(hypervisor)
  const recorded = await anOperation(db, vm, 'vm.stop', { input: { force: false, timeoutSeconds: 1 } })
  const stopping = new AbortController()
  const at = (step: string) => {
    if (step === 'shut-down') setTimeout(() => stopping.abort(), 20)
  }
  const attempts = perform(recorded, { hypervisor, at, signal: stopping.signal })
  expect(await attempts).toMatchObject({ status: 'queued', error: null })
  const { deadline } = (await readOperation(db, recorded.id)).steps['check-disks'] as { deadline: string }
  expect(await perform(recorded, { hypervisor })).toMatchObject({ status: 'succeeded' })
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(deadline))
  expect(Date.now()).toBeLessThan(Date.parse(deadline) + 1000)
})

test('a guest that is paused, and could hear nothing, loses its power at once, and the VM says so', async () => {
  const calls: string[] = []
  const hypervisor = createSimulatedHypervisor({ onCall: (call) => calls.push(call) })
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  await perform(await anOperation(db, vm, 'vm.pause'), { hypervisor })
  const input = { force: false, timeoutSeconds: 600 }
  await perform(await anOperation(db, vm, 'vm.stop', { input }), { hypervisor })
  expect(await readVm(db, vm.id)).toMatchObject({
    state: 'STOPPED',
    message: 'The guest was paused and could not shut down, so its power was taken away.',
  })
  expect(calls).not.toContain('requestShutdown')
})

test('a guest agent that never answers is not waited for any longer than the guest may take', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await anUnwillingVm(hypervisor)
  hypervisor.requestShutdown = () => new Promise(() => {})
  const input = { force: false, timeoutSeconds: 1 }
  const operation = await perform(await anOperation(db, vm, 'vm.stop', { input }), { hypervisor })
  expect(operation).toMatchObject({ status: 'succeeded', steps: { 'shut-down': { outcome: 'timed-out' } } })
})
