import { expect, test } from 'vitest'
import { anOperation, readVm } from '#test/db/rows.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, expectSpec, holdsTheGuarantees, perform } from './harness.ts'

holdsTheGuarantees({
  kind: 'disk.resize',
  async arrange(hypervisor) {
    const vm = await aVmOnNode(hypervisor, 'RUNNING')
    return { vm, input: { vmId: vm.id, target: 'vda', sizeGib: 5 } }
  },
  expectDone: (hypervisor, vm) => expectSpec(hypervisor, vm, { disks: [{ ...vm.spec.disks[0], sizeGib: 5 } as never] }),
  // What has grown stays so; to ask again ends it.
  async expectUndone(hypervisor, vm) {
    const failed = await readVm(db, vm.id)
    expect(failed).toMatchObject({ spec: vm.spec, message: expect.stringMatching(/^Failed to make disk vda larger/) })
    const again = await anOperation(db, vm, 'disk.resize', { input: { target: 'vda', sizeGib: 5 } })
    expect(await perform(again, { hypervisor })).toMatchObject({ status: 'succeeded' })
  },
})

test('a disk does not become smaller', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'STOPPED', { spec: aSpec({ disks: [{ sizeGib: 3 }] }) })
  const recorded = await anOperation(db, vm, 'disk.resize', { input: { target: 'vda', sizeGib: 2 } })
  expect(await perform(recorded, { hypervisor })).toMatchObject({ error: { reason: 'DISK_CANNOT_SHRINK' } })
  await expectSpec(hypervisor, vm, { disks: vm.spec.disks })
})
