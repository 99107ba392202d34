import { desc, eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { operations } from '#db/schema/operation.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import { anOperation, aVm, readVm } from '#test/db/rows.ts'
import { aDefinition, aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, node, perform, takeSnapshot } from './harness.ts'

const twoDisks = [
  { target: 'vda', sizeGib: 1 },
  { target: 'vdb', sizeGib: 1 },
]
const isVolume = (name: string) => /^volume-[0-9a-f-]{36}\.qcow2$/.test(name)

describe('with its disks', () => {
  holdsTheGuarantees({
    kind: 'vm.delete',
    async arrange(hypervisor) {
      const vm = await aVmOnNode(hypervisor, 'RUNNING')
      return { vm, input: { vmId: vm.id, force: true, deleteDisks: true } }
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
})

describe('without its disks', () => {
  holdsTheGuarantees({
    kind: 'vm.delete',
    async arrange(hypervisor) {
      const vm = await aVmOnNode(hypervisor, 'RUNNING', { spec: aSpec({ disks: twoDisks }) })
      hypervisor.writeDisk(vm.id, 'vdb', 1, 'kept')
      return { vm, input: { vmId: vm.id, force: true, deleteDisks: false } }
    },
    async expectDone(hypervisor, vm) {
      expect(await readVm(db, vm.id)).toBeUndefined()
      const { vms, files } = hypervisor.contents
      expect(vms).toEqual({})
      expect(files).toHaveLength(2)
      expect(files.every(isVolume)).toBe(true)
      const [operation] = await db.drizzle
        .select()
        .from(operations)
        .where(eq(operations.vmId, vm.id))
        .orderBy(desc(operations.createdAt))
        .limit(1)
      const volumes = operation?.result?.volumes ?? []
      expect(volumes.map(({ target }) => target)).toEqual(['vda', 'vdb'])
      expect(volumes.map(({ volume }) => hypervisor.readVolume(volume))).toEqual([{}, { 1: 'kept' }])
    },
    // Whatever was done, the disk's content is there, under its old name or its new one.
    async expectUndone(hypervisor, vm) {
      const state = hypervisor.contents.vms[vm.id]?.state ?? 'UNKNOWN'
      const failed = await readVm(db, vm.id)
      expect(failed).toMatchObject({ state, message: expect.stringContaining('Failed to delete: injected') })
      const kept = () => hypervisor.contents.files.filter((name) => hypervisor.readVolume(name)[1] === 'kept')
      expect(kept()).toHaveLength(1)
      if (kept().some(isVolume)) expect(failed?.message).toContain(kept()[0])
      const again = await anOperation(db, vm, 'vm.delete', { input: { force: true, deleteDisks: false } })
      expect(await perform(again, { hypervisor })).toMatchObject({ status: 'succeeded' })
      expect(kept().every(isVolume)).toBe(true)
      expect(hypervisor.contents.files.every(isVolume)).toBe(true)
    },
  })

  test('a disk whose snapshots are gone is one file, with all that was written', async () => {
    const hypervisor = createSimulatedHypervisor()
    const vm = await aVmOnNode(hypervisor, 'RUNNING')
    hypervisor.writeDisk(vm.id, 'vda', 1, 'before')
    const snapshot = await takeSnapshot(hypervisor, vm)
    hypervisor.writeDisk(vm.id, 'vda', 2, 'after')
    // Gone from the rows, and its files not merged yet.
    await db.drizzle.delete(snapshots).where(eq(snapshots.id, snapshot.id))
    const input = { force: true, deleteDisks: false }
    const { result } = await perform(await anOperation(db, vm, 'vm.delete', { input }), { hypervisor })
    const [kept] = result?.volumes ?? []
    expect(hypervisor.contents.files).toEqual([kept?.volume])
    expect(hypervisor.readVolume(kept?.volume ?? '')).toEqual({ 1: 'before', 2: 'after' })
    expect(hypervisor.backingOf(kept?.volume ?? '')).toBeNull()
  })

  test.each(['RUNNING', 'STOPPED'] as const)('a %s VM whose disks do not agree is not touched', async (state) => {
    const hypervisor = createSimulatedHypervisor()
    const vm = await aVmOnNode(hypervisor, state)
    const { files } = hypervisor.contents
    hypervisor.changeDiskProblem(vm.id, { reason: 'DISKS_OUT_OF_STEP', message: 'QEMU writes to another file.' })
    const input = { force: true, deleteDisks: false }
    const ended = await perform(await anOperation(db, vm, 'vm.delete', { input }), { hypervisor })
    expect(ended).toMatchObject({ status: 'failed', error: { reason: 'DISKS_OUT_OF_STEP' } })
    expect(hypervisor.contents.vms[vm.id]?.state).toBe(state)
    expect(hypervisor.contents.files).toEqual(files)
    expect((await readVm(db, vm.id))?.state).toBe(state)
  })

  test('a VM whose domain somebody undefined leaves its disks all the same', async () => {
    const hypervisor = createSimulatedHypervisor()
    const vm = await aVmOnNode(hypervisor, 'STOPPED')
    hypervisor.changeUnasked(vm.id, 'undefined')
    const input = { force: false, deleteDisks: false }
    const { result } = await perform(await anOperation(db, vm, 'vm.delete', { input }), { hypervisor })
    expect(result?.volumes).toMatchObject([{ target: 'vda' }])
    expect(hypervisor.contents.files).toEqual(result?.volumes?.map(({ volume }) => volume))
  })

  test('a disk that is several files, of which none is known to be the last, is not touched', async () => {
    const hypervisor = createSimulatedHypervisor()
    const vm = await aVmOnNode(hypervisor, 'STOPPED')
    await takeSnapshot(hypervisor, vm)
    hypervisor.changeUnasked(vm.id, 'undefined')
    const { files } = hypervisor.contents
    const input = { force: false, deleteDisks: false }
    const ended = await perform(await anOperation(db, vm, 'vm.delete', { input }), { hypervisor })
    expect(ended).toMatchObject({ status: 'failed', error: { reason: 'DISK_NOT_ONE_FILE' } })
    expect(hypervisor.contents.files).toEqual(files)
  })
})

test('without force a VM that runs is not deleted, and goes on running', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  const operation = await perform(await anOperation(db, vm, 'vm.delete', { input: { force: false } }), { hypervisor })
  expect(operation).toMatchObject({ status: 'failed', error: { code: 'failed_precondition', reason: 'VM_IS_RUNNING' } })
  expect((await readVm(db, vm.id))?.state).toBe('RUNNING')
  expect(hypervisor.contents.vms[vm.id]?.state).toBe('RUNNING')
})

test('a VM of which nothing was ever made can be deleted', async () => {
  const vm = await aVm(db, node.nodeId, { state: 'FAILED' })
  const hypervisor = createSimulatedHypervisor()
  const operation = await perform(await anOperation(db, vm, 'vm.delete', { input: { force: false } }), { hypervisor })
  expect(operation.status).toBe('succeeded')
  expect(await readVm(db, vm.id)).toBeUndefined()
})

test.each([true, false])('an adopted VM leaves the disks of others, with deleteDisks=%s', async (deleteDisks) => {
  const hypervisor = createSimulatedHypervisor()
  const definition = aDefinition()
  hypervisor.makeForeign({ definition, state: 'RUNNING' })
  const unmanaged = { devices: ['hostdev'], disks: ['vda'] }
  const vm = await aVm(db, node.nodeId, { id: definition.vmId, state: 'RUNNING', unmanaged })
  const ended = await perform(await anOperation(db, vm, 'vm.delete', { input: { force: true, deleteDisks } }), {
    hypervisor,
  })
  expect(ended).toMatchObject({ status: 'succeeded', result: { unmanagedDisks: ['vda'] } })
  expect(await readVm(db, vm.id)).toBeUndefined()
  expect(hypervisor.contents).toEqual({ vms: {}, files: [] })
})
