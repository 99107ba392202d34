import { describe, expect, test } from 'vitest'
import type { VmRow } from '#db/schema/vm.ts'
import type { DiskSpec } from '#db/vm-spec.ts'
import { anOperation, readVm } from '#test/db/rows.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, perform } from './harness.ts'

const [disk] = aSpec({ disks: [{ sizeGib: 2, target: 'vdb' }] }).disks as [DiskSpec]
const volume = 'volume-019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11.qcow2'

const targetsOf = ({ contents }: SimulatedHypervisor, vm: VmRow) =>
  contents.vms[vm.id]?.disks.map(({ target }) => target)

/** A VM as it was before. */
async function expectUnchanged(hypervisor: SimulatedHypervisor, vm: VmRow): Promise<void> {
  const now = await readVm(db, vm.id)
  expect(now).toMatchObject({ state: vm.state, message: expect.stringMatching(/^Failed to attach disk vdb: /) })
  expect(now?.spec).toEqual(vm.spec)
  expect(targetsOf(hypervisor, vm)).toEqual(['vda'])
  expect(hypervisor.contents.vms[vm.id]?.definition.spec).toEqual(vm.spec)
}

describe.each(['RUNNING', 'STOPPED'] as const)('a new disk of a %s VM', (state) => {
  holdsTheGuarantees({
    kind: 'disk.attach',
    async arrange(hypervisor) {
      const vm = await aVmOnNode(hypervisor, state)
      return { vm, input: { vmId: vm.id, disk } }
    },
    async expectDone(hypervisor, vm) {
      const now = await readVm(db, vm.id)
      expect(now).toMatchObject({ state, message: '' })
      expect(now?.spec).toEqual({ ...vm.spec, disks: [...vm.spec.disks, disk] })
      expect(targetsOf(hypervisor, vm)).toEqual(['vda', 'vdb'])
      expect(hypervisor.contents.files).toHaveLength(2)
    },
    async expectUndone(hypervisor, vm) {
      await expectUnchanged(hypervisor, vm)
      expect(hypervisor.contents.files).toHaveLength(1)
    },
  })
})

/** A VM that runs, and a volume beside it, on which somebody wrote. */
async function withVolume(hypervisor: SimulatedHypervisor): Promise<VmRow> {
  const other = await aVmOnNode(hypervisor, 'STOPPED')
  hypervisor.writeDisk(other.id, 'vda', 1, 'kept')
  const [file] = await hypervisor.findDisks(other.id)
  await hypervisor.undefineVm(other.id)
  await hypervisor.keepVolume(other.id, file?.volume ?? '', volume)
  return aVmOnNode(hypervisor, 'RUNNING')
}

describe('a volume that was kept', () => {
  const { sizeGib: _, ...wanted } = disk
  holdsTheGuarantees({
    kind: 'disk.attach',
    async arrange(hypervisor) {
      const vm = await withVolume(hypervisor)
      return { vm, input: { vmId: vm.id, disk: wanted, volume } }
    },
    async expectDone(hypervisor, vm) {
      expect((await readVm(db, vm.id))?.spec.disks.at(-1)).toEqual({ ...wanted, sizeGib: 1 })
      const file = hypervisor.contents.vms[vm.id]?.disks.at(-1)?.volume ?? ''
      expect(hypervisor.readVolume(file)).toEqual({ 1: 'kept' })
      expect(hypervisor.contents.files).not.toContain(volume)
    },
    async expectUndone(hypervisor, vm) {
      await expectUnchanged(hypervisor, vm)
      expect(hypervisor.readVolume(volume)).toEqual({ 1: 'kept' })
      expect(hypervisor.contents.files).toHaveLength(2)
    },
  })

  test('that is not there is no disk', async () => {
    const hypervisor = createSimulatedHypervisor()
    const vm = await aVmOnNode(hypervisor, 'RUNNING')
    const input = { disk: wanted, volume }
    const ended = await perform(await anOperation(db, vm, 'disk.attach', { input }), { hypervisor })
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'not_found', reason: 'VOLUME_NOT_FOUND' } })
    await expectUnchanged(hypervisor, vm)
  })
})

test('a disk that goes only into a VM that is off leaves nothing in one that is on', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  const input = { disk: { ...disk, target: 'sda', bus: 'sata' } }
  const ended = await perform(await anOperation(db, vm, 'disk.attach', { input }), { hypervisor })
  expect(ended).toMatchObject({ status: 'failed', error: { reason: 'DISK_BUS_NOT_HOTPLUGGABLE' } })
  expect((await readVm(db, vm.id))?.spec).toEqual(vm.spec)
  expect(hypervisor.contents.files).toHaveLength(1)
})

test('a VM whose disks do not agree gets no other', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  hypervisor.changeDiskProblem(vm.id, { reason: 'DISKS_OUT_OF_STEP', message: 'QEMU writes to another file.' })
  const ended = await perform(await anOperation(db, vm, 'disk.attach', { input: { disk } }), { hypervisor })
  expect(ended).toMatchObject({ status: 'failed', error: { reason: 'DISKS_OUT_OF_STEP' } })
  expect(hypervisor.contents.files).toHaveLength(1)
})
