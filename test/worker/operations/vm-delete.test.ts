import { expect, test } from 'vitest'
import { anOperation, aVm, readVm } from '#test/db/rows.ts'
import { SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, node, perform } from './harness.ts'

holdsTheGuarantees({
  kind: 'vm.delete',
  async arrange(hypervisor) {
    const vm = await aVmOnNode(hypervisor, 'RUNNING')
    return { vm, input: { vmId: vm.id, force: true } }
  },
  async expectDone({ contents }, vm) {
    expect(await readVm(db, vm.id)).toBeUndefined()
    expect(contents).toEqual({ vms: {}, files: [] })
  },
  // What is removed cannot be brought back; the row says what is left, and the VM can be deleted again.
  async expectUndone(hypervisor, vm) {
    const state = hypervisor.contents.vms[vm.id]?.state ?? 'UNKNOWN'
    expect(await readVm(db, vm.id)).toMatchObject({ state, message: 'Failed to delete: injected' })
    const again = await anOperation(db, vm, 'vm.delete', { input: { force: true } })
    expect(await perform(again, { hypervisor })).toMatchObject({ status: 'succeeded' })
    expect(hypervisor.contents).toEqual({ vms: {}, files: [] })
  },
})

test('without force a VM that runs is not deleted, and goes on running', async () => {
  const hypervisor = new SimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  const operation = await perform(await anOperation(db, vm, 'vm.delete', { input: { force: false } }), { hypervisor })
  expect(operation).toMatchObject({ status: 'failed', error: { code: 'failed_precondition', reason: 'VM_IS_RUNNING' } })
  expect((await readVm(db, vm.id))?.state).toBe('RUNNING')
  expect(hypervisor.contents.vms[vm.id]?.state).toBe('RUNNING')
})

test('a VM of which nothing was ever made can be deleted', async () => {
  const vm = await aVm(db, node.nodeId, { state: 'FAILED' })
  const hypervisor = new SimulatedHypervisor()
  const operation = await perform(await anOperation(db, vm, 'vm.delete', { input: { force: false } }), { hypervisor })
  expect(operation.status).toBe('succeeded')
  expect(await readVm(db, vm.id)).toBeUndefined()
})
