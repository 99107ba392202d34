import { expect, test } from 'vitest'
import { anOperation, aVm, readVm } from '#test/db/rows.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, node, perform } from './harness.ts'

const twoDisks = aSpec({ disks: [{ sizeGib: 1 }, { sizeGib: 2 }] })

holdsTheGuarantees({
  kind: 'vm.create',
  async arrange(hypervisor) {
    const vm = await aVmOnNode(hypervisor, 'CREATING', { spec: twoDisks })
    return { vm, input: { vmId: vm.id } }
  },
  async expectDone({ contents }, vm) {
    expect(await readVm(db, vm.id)).toMatchObject({
      state: 'STOPPED',
      message: '',
      effectiveCpu: null,
      startedAt: null,
    })
    expect(Object.keys(contents.vms)).toEqual([vm.id])
    expect(contents.files).toEqual([`${vm.id}.vda.qcow2`, `${vm.id}.vdb.qcow2`])
  },
  async expectUndone({ contents }, vm) {
    expect(await readVm(db, vm.id)).toMatchObject({ state: 'FAILED', message: 'Failed to create: injected' })
    expect(contents).toEqual({ vms: {}, files: [] })
  },
})

test('a CPU mode that the node cannot run is refused with its reason, before anything is made', async () => {
  const calls: string[] = []
  const hypervisor = createSimulatedHypervisor({
    unsupported: { 'host-passthrough': 'KVM cannot be used here' },
    onCall: (call) => calls.push(call),
  })
  const vm = await aVm(db, node.nodeId, { state: 'CREATING', spec: aSpec({ cpuMode: 'host-passthrough' }) })
  const operation = await perform(await anOperation(db, vm, 'vm.create'), { hypervisor })
  const message = expect.stringContaining('KVM cannot be used here')
  expect(operation).toMatchObject({
    status: 'failed',
    error: { code: 'failed_precondition', reason: 'CPU_MODE_NOT_SUPPORTED', message },
  })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'FAILED', message })
  expect(calls).not.toContain('createDisk')
  expect(calls).not.toContain('defineVm')
})

test('a base image that is not there fails the creation, and the disks before it are removed', async () => {
  const hypervisor = createSimulatedHypervisor()
  const spec = aSpec({ disks: [{ sizeGib: 1 }, { baseImage: 'missing.qcow2' }] })
  const vm = await aVm(db, node.nodeId, { state: 'CREATING', spec })
  const operation = await perform(await anOperation(db, vm, 'vm.create'), { hypervisor })
  expect(operation).toMatchObject({ status: 'failed', error: { code: 'not_found' } })
  expect(hypervisor.contents).toEqual({ vms: {}, files: [] })
})
