import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { definition, type HypervisorUnderTest, vmsOn } from './contract-vms.ts'

/** What every hypervisor promises of looking at VMs, all at once or one alone, and at what they use. */
export function describeObservations(node: () => HypervisorUnderTest): void {
  const { aVm, aRunningVm } = vmsOn(node)

  describe('looked at all at once', () => {
    test('each VM is as it is when it is looked at alone', async () => {
      const vms = [await aVm(), await aRunningVm(), await aRunningVm()]
      const ids = vms.map(({ vmId }) => vmId)
      await node().hypervisor.pauseVm(ids[2] ?? '')
      const all = await node().hypervisor.observeVms()
      for (const vmId of ids) {
        expect(all.filter((one) => one.vmId === vmId)).toEqual([await node().hypervisor.observeVm(vmId)])
      }
      expect(await node().hypervisor.observeVms()).toEqual(expect.arrayContaining(all))
    })

    test('the addresses of its network cards are said in their order', async () => {
      const nics = ['52:54:00:aa:aa:01', '52:54:00:aa:aa:02'].map((mac) => ({ bridge: 'nobr0', mac }))
      const { vmId } = await aVm({ nics })
      expect(await node().hypervisor.findMacs(vmId)).toEqual(nics.map(({ mac }) => mac))
      expect(await node().hypervisor.findMacs(randomUUID())).toBeNull()
    })

    test('a VM that is gone is not there any more', async () => {
      const { vmId } = await aVm()
      await node().hypervisor.undefineVm(vmId)
      expect((await node().hypervisor.observeVms()).filter((one) => one.vmId === vmId)).toEqual([])
    })

    test('a VM has another run after each start, and the same one as long as it is on', async () => {
      const { vmId } = await aRunningVm()
      const runOf = async () => (await node().hypervisor.observeVms()).find((one) => one.vmId === vmId)?.runId
      const first = await runOf()
      expect(first).toEqual(expect.any(String))
      await node().hypervisor.pauseVm(vmId)
      expect(await runOf()).toBe(first)
      await node().hypervisor.destroyVm(vmId)
      expect(await runOf()).toBeNull()
      await node().hypervisor.startVm(vmId)
      expect(await runOf()).toEqual(expect.any(String))
      expect(await runOf()).not.toBe(first)
    })
  })

  describe('what VMs use', () => {
    test('is said with how they are, at once; of one that is off there is nothing to count', async () => {
      const [on, off] = [await aRunningVm(), await aVm()]
      const [paused] = [await aRunningVm()]
      await node().hypervisor.pauseVm(paused.vmId)
      const all = await node().hypervisor.measureVms([on.vmId, off.vmId, paused.vmId, randomUUID()])
      expect(all.map(({ vmId }) => vmId).sort()).toEqual([on.vmId, off.vmId, paused.vmId].sort())
      for (const { counters, ...measured } of all) {
        expect(await node().hypervisor.observeVm(measured.vmId)).toEqual({ ...measured, definedOnNode: true })
        if (measured.vmId === off.vmId) {
          expect(counters).toBeNull()
          continue
        }
        expect(counters).toMatchObject({ vmId: measured.vmId, runId: measured.runId, vcpus: 1 })
        expect(counters?.memory.balloonBytes).toBe(64 * 2 ** 20)
        expect(counters?.disks).toMatchObject([{ target: 'vda', capacityBytes: 2 ** 30, writtenBytes: 0 }])
      }
    })

    test('is said of none when none is asked for', async () => {
      await aRunningVm()
      expect(await node().hypervisor.measureVms([])).toEqual([])
    })

    test('a guest without an agent, or that is off, says nothing of itself', async () => {
      const signal = new AbortController().signal
      const vm = { ...definition({ disks: [] }), name: `has-no-agent-${randomUUID()}` }
      await node().hypervisor.defineVm(vm)
      expect(await node().hypervisor.readGuest(vm.vmId, signal)).toBeNull()
      expect(await node().hypervisor.readGuest(randomUUID(), signal)).toBeNull()
      await node().hypervisor.startVm(vm.vmId)
      expect(await node().hypervisor.readGuest(vm.vmId, signal)).toMatchObject({
        report: { agent: null, ipAddresses: [] },
      })
    })
  })
}
