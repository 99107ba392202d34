import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { anOperation, readVm } from '#test/db/rows.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, perform } from './harness.ts'

holdsTheGuarantees({
  kind: 'vm.start',
  async arrange(hypervisor) {
    const vm = await aVmOnNode(hypervisor, 'STOPPED')
    return { vm, input: { vmId: vm.id } }
  },
  async expectDone({ contents }, vm) {
    expect(contents.vms[vm.id]?.state).toBe('RUNNING')
    const row = await readVm(db, vm.id)
    expect(row).toMatchObject({ state: 'RUNNING', message: '', effectiveCpu: { mode: 'custom' } })
    expect(row?.startedAt).toBeInstanceOf(Date)
  },
  async expectUndone({ contents }, vm) {
    expect(contents.vms[vm.id]?.state).toBe('STOPPED')
    expect(await readVm(db, vm.id)).toMatchObject({
      state: 'STOPPED',
      message: 'Failed to start: injected',
      effectiveCpu: null,
      startedAt: null,
    })
  },
})

test('the CPU that runs is read from the node, not from what was asked', async () => {
  const hypervisor = createSimulatedHypervisor()
  const spec = aSpec({ cpuMode: 'host-passthrough' })
  const vm = await aVmOnNode(hypervisor, 'STOPPED', { spec })
  await perform(await anOperation(db, vm, 'vm.start'), { hypervisor })
  expect((await readVm(db, vm.id))?.effectiveCpu).toMatchObject({ mode: 'host-passthrough', migratable: 'off' })
})

test('starting a VM that runs already leaves it running', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  const operation = await perform(await anOperation(db, vm, 'vm.start'), { hypervisor })
  expect(operation.status).toBe('succeeded')
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', startedAt: vm.startedAt })
})

test('a VM that QEMU will not start is stopped, and says why', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'STOPPED', { name: 'fails-to-start' })
  await perform(await anOperation(db, vm, 'vm.start'), { hypervisor })
  expect(await readVm(db, vm.id)).toMatchObject({
    state: 'STOPPED',
    message: expect.stringMatching(/^Failed to start: /),
  })
})

test('starting a VM of which nobody knew that it is paused says so, and leaves it paused', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  await hypervisor.pauseVm(vm.id)
  const ended = await perform(await anOperation(db, vm, 'vm.start'), { hypervisor })
  expect(ended).toMatchObject({ status: 'failed', error: { reason: 'VM_IS_PAUSED' } })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'PAUSED', message: expect.stringContaining('resume it') })
})

test('a start that fails does not switch off a VM that was on already', async () => {
  let starts = 0
  const hypervisor = createSimulatedHypervisor({
    onCall(call, moment) {
      if (call === 'startVm' && moment === 'after' && ++starts > 1) throw new AppError('internal', 'injected')
    },
  })
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  const ended = await perform(await anOperation(db, vm, 'vm.start'), { hypervisor })
  expect(ended.status).toBe('failed')
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING' })
})
