import { expect, test } from 'vitest'
import { anOperation, readVm } from '#test/db/rows.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, perform } from './harness.ts'

holdsTheGuarantees({
  kind: 'vm.pause',
  async arrange(hypervisor) {
    const vm = await aVmOnNode(hypervisor, 'RUNNING')
    return { vm, input: { vmId: vm.id } }
  },
  async expectDone({ contents }, vm) {
    expect(contents.vms[vm.id]?.state).toBe('PAUSED')
    expect(await readVm(db, vm.id)).toMatchObject({ state: 'PAUSED', message: '', startedAt: vm.startedAt })
  },
  // A call that failed may have happened: the VM is shown as it is.
  async expectUndone({ contents }, vm) {
    const state = contents.vms[vm.id]?.state
    expect(await readVm(db, vm.id)).toMatchObject({ state, message: 'Failed to pause: injected' })
  },
})

test('a VM that stopped meanwhile cannot be paused, and is shown stopped', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  hypervisor.changeUnasked(vm.id, 'STOPPED')
  const operation = await perform(await anOperation(db, vm, 'vm.pause'), { hypervisor })
  expect(operation).toMatchObject({ status: 'failed', error: { code: 'failed_precondition', reason: 'VM_IS_STOPPED' } })
  expect((await readVm(db, vm.id))?.state).toBe('STOPPED')
})
