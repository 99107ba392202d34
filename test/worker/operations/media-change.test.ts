import { expect, test } from 'vitest'
import { anOperation, readVm } from '#test/db/rows.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, expectSpec, holdsTheGuarantees, perform } from './harness.ts'

holdsTheGuarantees({
  kind: 'media.change',
  async arrange(hypervisor) {
    const vm = await aVmOnNode(hypervisor, 'STOPPED', { spec: aSpec({ cdroms: [{}, {}] }) })
    return { vm, input: { vmId: vm.id, target: 'sdb', iso: null, force: false } }
  },
  expectDone: (hypervisor, vm) => expectSpec(hypervisor, vm, { cdroms: vm.spec.cdroms }),
  expectUndone: async (_, vm) => {
    expect((await readVm(db, vm.id))?.message).toMatch(/^Failed to change the medium of sdb: /)
  },
})

test('an ISO that is not there stays out of the drive', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING', { spec: aSpec({ cdroms: [{}] }) })
  const input = { target: 'sda', iso: 'missing.iso', force: false }
  const ended = await perform(await anOperation(db, vm, 'media.change', { input }), { hypervisor })
  expect(ended).toMatchObject({ status: 'failed', error: { reason: 'ISO_NOT_FOUND' } })
  await expectSpec(hypervisor, vm, { cdroms: [{ target: 'sda', iso: null }] })
})
