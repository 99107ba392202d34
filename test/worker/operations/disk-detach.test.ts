import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { snapshots } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { anOperation, readVm } from '#test/db/rows.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, perform, takeSnapshot } from './harness.ts'

const spec = aSpec({ disks: [{ sizeGib: 1 }, { sizeGib: 1 }] })
const isKept = (name: string) => name.startsWith('volume-')

async function twoDisks(hypervisor: SimulatedHypervisor, state: 'RUNNING' | 'STOPPED'): Promise<VmRow> {
  const vm = await aVmOnNode(hypervisor, state, { spec })
  hypervisor.writeDisk(vm.id, 'vdb', 1, 'kept')
  return vm
}

const inputOf = (vm: VmRow, parts = {}) => ({
  vmId: vm.id,
  target: 'vdb',
  deleteData: false,
  timeoutSeconds: 1,
  ...parts,
})

async function expectDetached(hypervisor: SimulatedHypervisor, vm: VmRow): Promise<void> {
  const [first] = vm.spec.disks
  expect((await readVm(db, vm.id))?.spec).toEqual({ ...vm.spec, disks: [first] })
  expect(hypervisor.contents.vms[vm.id]?.disks.map(({ target }) => target)).toEqual(['vda'])
  expect(hypervisor.contents.vms[vm.id]?.definition.spec.disks).toEqual([first])
}

describe.each(['RUNNING', 'STOPPED'] as const)('a disk of a %s VM', (state) => {
  holdsTheGuarantees({
    kind: 'disk.detach',
    async arrange(hypervisor) {
      const vm = await twoDisks(hypervisor, state)
      return { vm, input: inputOf(vm) }
    },
    async expectDone(hypervisor, vm) {
      expect(await readVm(db, vm.id)).toMatchObject({ state, message: '' })
      await expectDetached(hypervisor, vm)
      const kept = hypervisor.contents.files.filter(isKept)
      expect(kept.map((name) => hypervisor.readVolume(name))).toEqual([{ 1: 'kept' }])
      expect(hypervisor.contents.files).toHaveLength(2)
    },
    async expectUndone(hypervisor, vm) {
      const now = await readVm(db, vm.id)
      expect(now).toMatchObject({ state, message: expect.stringMatching(/^Failed to detach disk vdb: /) })
      expect(now?.spec).toEqual(vm.spec)
      expect(hypervisor.contents.vms[vm.id]?.definition.spec).toEqual(vm.spec)
      const [, second] = hypervisor.contents.vms[vm.id]?.disks ?? []
      expect(hypervisor.readVolume(second?.volume ?? '')).toEqual({ 1: 'kept' })
      expect(hypervisor.contents.files).toHaveLength(2)
    },
  })
})

test('the operation names the volume that keeps what was on the disk', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await twoDisks(hypervisor, 'RUNNING')
  const { result } = await perform(await anOperation(db, vm, 'disk.detach', { input: inputOf(vm) }), { hypervisor })
  expect(result?.volumes).toEqual([{ target: 'vdb', volume: hypervisor.contents.files.find(isKept) }])
})

describe('a disk whose data is to be deleted', () => {
  holdsTheGuarantees({
    kind: 'disk.detach',
    async arrange(hypervisor) {
      const vm = await twoDisks(hypervisor, 'RUNNING')
      return { vm, input: inputOf(vm, { deleteData: true }) }
    },
    async expectDone(hypervisor, vm) {
      await expectDetached(hypervisor, vm)
      expect(hypervisor.contents.files).toHaveLength(1)
    },
    // Rows and node say the same.
    async expectUndone(hypervisor, vm) {
      const now = await readVm(db, vm.id)
      expect(now?.spec.disks).toEqual(hypervisor.contents.vms[vm.id]?.definition.spec.disks)
      expect(now?.message).toMatch(/^(Failed to detach disk vdb|Disk vdb is detached)/)
    },
  })
})

test('a guest that does not let go keeps its disk, and the refusal names the way out', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING', { spec, name: `keeps-devices-${Date.now()}` })
  const ended = await perform(await anOperation(db, vm, 'disk.detach', { input: inputOf(vm) }), { hypervisor })
  expect(ended).toMatchObject({
    status: 'failed',
    error: { reason: 'GUEST_KEEPS_DEVICE', details: { remedies: [{ action: 'STOP_VM' }] } },
  })
  expect((await readVm(db, vm.id))?.spec).toEqual(vm.spec)
  expect(hypervisor.contents.vms[vm.id]?.disks).toHaveLength(2)
  await hypervisor.destroyVm(vm.id)
  const again = await perform(await anOperation(db, vm, 'disk.detach', { input: inputOf(vm) }), { hypervisor })
  expect(again.status).toBe('succeeded')
})

test('a disk that snapshots left in several files is one volume, with all that was written', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await twoDisks(hypervisor, 'STOPPED')
  const { id } = await takeSnapshot(hypervisor, vm)
  hypervisor.writeDisk(vm.id, 'vdb', 2, 'after')
  // Gone from the rows, and its files not merged yet.
  await db.drizzle.delete(snapshots).where(eq(snapshots.id, id))
  await perform(await anOperation(db, vm, 'disk.detach', { input: inputOf(vm) }), { hypervisor })
  const kept = hypervisor.contents.files.filter(isKept)
  expect(kept.map((name) => hypervisor.readVolume(name))).toEqual([{ 1: 'kept', 2: 'after' }])
})

test('the last disk takes booting from disks with it', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'STOPPED')
  expect(vm.spec.bootOrder).toEqual(['disk'])
  await perform(await anOperation(db, vm, 'disk.detach', { input: inputOf(vm, { target: 'vda' }) }), { hypervisor })
  expect((await readVm(db, vm.id))?.spec).toMatchObject({ disks: [], bootOrder: [] })
})
