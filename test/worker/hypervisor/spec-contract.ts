import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { runningSpecOf } from '#db/rules/spec-changes.ts'
import { aSpec, type SpecParts } from '#test/support/vm-spec.ts'
import type { VmDefinition } from '#worker/hypervisor/port.ts'
import { definition, type HypervisorUnderTest, snapshotOf, vmsOn } from './contract-vms.ts'

/** What every hypervisor promises of a spec that is changed: the next start has it, and what runs says what it runs with. */
export function describeSpecChanges(node: () => HypervisorUnderTest): void {
  const { aVm, aRunningVm } = vmsOn(node)

  const changed = (vm: VmDefinition, parts: SpecParts): VmDefinition => ({
    ...vm,
    spec: { ...vm.spec, ...runningSpecOf(aSpec(parts)) },
  })
  const runs = async (vmId: string) => (await node().hypervisor.observeVm(vmId))?.runningSpec

  describe('a changed spec', () => {
    const wider: SpecParts = { cpu: { cores: 2 }, memory: { sizeMib: 80 }, rng: false, watchdog: { action: 'pause' } }

    test('of a stopped VM is what it starts with, however often it is changed to it', async () => {
      const { hypervisor } = node()
      const vm = await aVm()
      const after = changed(vm, wider)
      await hypervisor.changeSpec(vm, after)
      await hypervisor.changeSpec(vm, after)
      expect(await runs(vm.vmId)).toBeNull()
      await hypervisor.startVm(vm.vmId)
      expect(await runs(vm.vmId)).toEqual(runningSpecOf(after.spec))
    })

    test('of a running VM waits for the next start', async () => {
      const { hypervisor } = node()
      const vm = await aRunningVm()
      const after = changed(vm, wider)
      await hypervisor.changeSpec(vm, after)
      expect(await runs(vm.vmId)).toEqual(runningSpecOf(vm.spec))
      await hypervisor.destroyVm(vm.vmId)
      await hypervisor.startVm(vm.vmId)
      expect(await runs(vm.vmId)).toEqual(runningSpecOf(after.spec))
    })

    test('that is taken back is as if it had never been', async () => {
      const { hypervisor } = node()
      const vm = await aVm()
      const after = changed(vm, wider)
      await hypervisor.changeSpec(vm, after)
      await hypervisor.changeSpec(after, vm)
      await hypervisor.startVm(vm.vmId)
      expect(await runs(vm.vmId)).toEqual(runningSpecOf(vm.spec))
    })

    test('lets a VM return to a memory snapshot of before, and to the one that it has at the start after', async () => {
      const { hypervisor } = node()
      const vm = await aRunningVm()
      const { vmId } = vm
      const request = snapshotOf(vmId, { includeMemory: true })
      const taken = await hypervisor.createSnapshot(request)
      const after = changed(vm, wider)
      await hypervisor.changeSpec(vm, after)
      await hypervisor.destroyVm(vmId)
      await hypervisor.startVm(vmId)
      const snapshot = { ...taken, snapshotId: request.snapshotId }
      const operationId = randomUUID()
      await hypervisor.revertToSnapshot({ vmId, operationId, snapshot, keepAs: null, start: false })
      expect(await runs(vmId)).toEqual(runningSpecOf(vm.spec))
      await hypervisor.destroyVm(vmId)
      await hypervisor.startVm(vmId)
      expect(await runs(vmId)).toEqual(runningSpecOf(after.spec))
    })

    test('reaches a running VM at once in cores up to the most that it was started with, and no further', async () => {
      const { hypervisor } = node()
      const vm = await aRunningVm({ cpu: { cores: 1, maxCores: 4 } })
      const giveTo = async (parts: SpecParts) => {
        const after = changed(vm, parts)
        await hypervisor.changeSpec(vm, after)
        await hypervisor.hotplugVm(after)
        await hypervisor.hotplugVm(after)
        return (await runs(vm.vmId))?.cpu.cores
      }
      expect(await giveTo({ cpu: { cores: 3, maxCores: 4 } })).toBe(3)
      expect(await giveTo({ cpu: { cores: 2, maxCores: 4 } })).toBe(3)
      expect(await giveTo({ cpu: { cores: 6, maxCores: 8 } })).toBe(3)
      const all = await hypervisor.observeVms()
      expect(all.find(({ vmId }) => vmId === vm.vmId)?.runningSpec?.cpu).toMatchObject({ cores: 3, maxCores: 4 })
      await hypervisor.destroyVm(vm.vmId)
      await hypervisor.startVm(vm.vmId)
      expect((await runs(vm.vmId))?.cpu).toMatchObject({ cores: 6, maxCores: 8 })
    })

    test('of a VM that is not there says so', async () => {
      const vm = definition()
      await expect(node().hypervisor.changeSpec(vm, changed(vm, wider))).rejects.toMatchObject({
        code: 'not_found',
        reason: 'VM_NOT_ON_NODE',
      })
    })
  })
}
