import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Hypervisor, VmEvent } from '#worker/hypervisor/port.ts'
import { type HypervisorUnderTest, snapshotOf, stopped, vmsOn } from './contract-vms.ts'
import { describeDefinitions } from './define-contract.ts'
import { describeHostDomains } from './host-domains-contract.ts'
import { describeImageUsers } from './image-users-contract.ts'
import { describeObservations } from './observe-contract.ts'
import { describeSeeds } from './seed-contract.ts'
import { describeSnapshots } from './snapshot-contract.ts'
import { describeSpecChanges } from './spec-contract.ts'
import { describeVerbs } from './verbs-contract.ts'

/** What every hypervisor promises to the operations: each call may be made twice, and what is refused says why. */
export function describeHypervisor(open: () => Promise<HypervisorUnderTest>): void {
  let node: HypervisorUnderTest
  let hypervisor: Hypervisor
  beforeAll(async () => {
    node = await open()
    hypervisor = node.hypervisor
    await hypervisor.probeCpuModes()
  })
  afterAll(() => node?.close())

  const { aVm, aRunningVm, stateOf } = vmsOn(() => node)

  describe('the node', () => {
    test('says who it is and how large', async () => {
      const described = await hypervisor.describeNode()
      expect(described.hostUuid).toMatch(/^[0-9a-f-]{36}$/)
      expect(described.hostname).not.toBe('')
      expect(described.cpuCount).toBeGreaterThan(0)
      expect(described.memoryMib).toBeGreaterThan(0)
    })

    test('says of each CPU mode that it runs and how, or why not', async () => {
      const modes = await hypervisor.probeCpuModes()
      expect(modes.map(({ mode }) => mode)).toEqual(['host-model', 'host-passthrough'])
      for (const { supported, virtType, message } of modes) {
        if (supported) expect(virtType).toMatch(/^(kvm|qemu)$/)
        else expect([virtType, message]).toEqual([null, expect.stringMatching(/\w/)])
      }
    })
  })

  describe('power', () => {
    test('starting twice is starting once, and the CPU that runs is known', async () => {
      const { vmId } = await aVm()
      await hypervisor.startVm(vmId)
      await hypervisor.startVm(vmId)
      const observed = await hypervisor.observeVm(vmId)
      expect(observed).toMatchObject({ state: 'RUNNING', effectiveCpu: { mode: 'custom', migratable: null } })
    })

    test('taking the power away twice is taking it once', async () => {
      const { vmId } = await aRunningVm()
      await hypervisor.destroyVm(vmId)
      await hypervisor.destroyVm(vmId)
      await hypervisor.requestShutdown(vmId)
      expect(await hypervisor.observeVm(vmId)).toEqual(stopped(vmId, 'destroyed'))
    })

    test('a VM that runs is not undefined', async () => {
      const { vmId } = await aRunningVm()
      await expect(hypervisor.undefineVm(vmId)).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'VM_IS_RUNNING',
      })
      expect(await stateOf(vmId)).toBe('RUNNING')
    })

    test('a VM that is not there cannot be started or snapshotted, and need not be stopped', async () => {
      const vmId = randomUUID()
      const missing = { code: 'not_found', reason: 'VM_NOT_ON_NODE' }
      await expect(hypervisor.startVm(vmId)).rejects.toMatchObject(missing)
      await expect(hypervisor.requestShutdown(vmId)).rejects.toMatchObject(missing)
      await expect(hypervisor.createSnapshot(snapshotOf(vmId))).rejects.toMatchObject(missing)
      await hypervisor.destroyVm(vmId)
    })

    test('is told of as it happens, until nobody listens', async () => {
      const vm = await aVm()
      const seen: VmEvent[] = []
      const states = () => seen.filter(({ vmId }) => vmId === vm.vmId).map(({ state }) => state)
      const stop = hypervisor.onVmEvent((event) => seen.push(event))
      await hypervisor.startVm(vm.vmId)
      await vi.waitUntil(() => states().at(-1) === 'RUNNING', 5000)
      await hypervisor.destroyVm(vm.vmId)
      await vi.waitUntil(() => states().at(-1) === 'STOPPED', 5000)
      stop()
      const heard = seen.length
      await hypervisor.startVm(vm.vmId)
      expect(seen.length).toBe(heard)
    })
  })

  describeDefinitions(() => node)
  describeVerbs(() => node)
  describeObservations(() => node)
  describeImageUsers(() => node)
  describeHostDomains(() => node)
  describeSpecChanges(() => node)
  describeSnapshots(() => node)
  describeSeeds(() => node)
}
