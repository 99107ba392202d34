import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Hypervisor, VmEvent, VmObservation } from '#worker/hypervisor/port.ts'
import { definition, type HypervisorUnderTest, refusal, snapshotOf, vmsOn } from './contract-vms.ts'
import { describeHostDomains } from './host-domains-contract.ts'
import { describeImageUsers } from './image-users-contract.ts'
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

  const { aVm, aRunningVm, makeDisks, stateOf } = vmsOn(() => node)

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

  describe('defining', () => {
    test('a VM that nobody defined is not there', async () => {
      expect(await hypervisor.observeVm(randomUUID())).toBeNull()
    })

    test('twice leaves one stopped VM', async () => {
      const vm = await aVm()
      await makeDisks(vm)
      await hypervisor.defineVm(vm)
      expect(await hypervisor.observeVm(vm.vmId)).toEqual(stopped(vm.vmId, null))
    })

    test("with another VM's name is refused, and leaves the other alone", async () => {
      const vm = await aVm()
      const other = { ...definition({ disks: [] }), name: vm.name }
      await expect(hypervisor.defineVm(other)).rejects.toMatchObject({ code: 'already_exists', reason: 'NAME_TAKEN' })
      expect(await hypervisor.observeVm(other.vmId)).toBeNull()
      expect(await stateOf(vm.vmId)).toBe('STOPPED')
    })

    test('with an ISO that is not there is refused with what there is', async () => {
      await node.addImage('there.iso', 2 ** 20)
      const vm = definition({ disks: [], cdroms: [{ iso: 'missing.iso' }] })
      const error = await refusal(hypervisor.defineVm(vm))
      expect(error).toMatchObject({ code: 'not_found', reason: 'ISO_NOT_FOUND' })
      expect(error.message).toContain('there.iso')
      await hypervisor.defineVm({ ...vm, spec: { ...vm.spec, cdroms: [{ target: 'sda', iso: 'there.iso' }] } })
      expect(await stateOf(vm.vmId)).toBe('STOPPED')
    })

    test('a VM that is gone is gone, also when it is removed again', async () => {
      const { vmId } = await aVm()
      await expect(hypervisor.deleteVmFiles(vmId)).rejects.toMatchObject({
        code: 'failed_precondition',
        reason: 'VM_IS_DEFINED',
      })
      for (let time = 0; time < 2; time++) {
        await hypervisor.undefineVm(vmId)
        await hypervisor.deleteVmFiles(vmId)
        expect(await hypervisor.observeVm(vmId)).toBeNull()
      }
    })

    test('a mode that does not run here is refused with the reason', async ({ skip }) => {
      const unsupported = (await hypervisor.probeCpuModes()).find(({ supported }) => !supported)
      if (!unsupported) return skip('every CPU mode runs on this node')
      const error = await refusal(hypervisor.defineVm(definition({ cpuMode: unsupported.mode, disks: [] })))
      expect(error).toMatchObject({ code: 'failed_precondition', reason: 'CPU_MODE_NOT_SUPPORTED' })
      expect(error.message).toContain(unsupported.message)
    })
  })

  describe('a disk', () => {
    test('of a base image that is not there is refused with what there is', async () => {
      await node.addImage('there.raw', 2 ** 20)
      const error = await refusal(
        hypervisor.createDisk({ vmId: randomUUID(), target: 'vda', baseImage: 'missing.qcow2' }),
      )
      expect(error).toMatchObject({ code: 'not_found', reason: 'BASE_IMAGE_NOT_FOUND' })
      expect(error.message).toContain('there.raw')
    })

    test.for(['../there.raw', '/etc/passwd', '', '.', '..', 'there.raw/', './there.raw', 'there.raw\0'])(
      'of no name in the image directory is refused: %j',
      async (baseImage) => {
        await node.addImage('there.raw', 2 ** 20)
        await expect(hypervisor.createDisk({ vmId: randomUUID(), target: 'vda', baseImage })).rejects.toMatchObject({
          code: 'not_found',
          reason: 'BASE_IMAGE_NOT_FOUND',
        })
      },
    )

    test('of a base image takes its size, or a larger one, and no smaller one', async () => {
      await node.addImage('large.raw', 1.5 * 2 ** 30)
      const vmId = randomUUID()
      const disk = { vmId, target: 'vda', baseImage: 'large.raw' }
      await expect(hypervisor.createDisk({ ...disk, sizeGib: 1 })).rejects.toMatchObject({
        code: 'invalid_argument',
        reason: 'DISK_SMALLER_THAN_IMAGE',
      })
      await hypervisor.createDisk(disk)
      await hypervisor.createDisk({ ...disk, target: 'vdb', sizeGib: 2 })
      await hypervisor.deleteVmFiles(vmId)
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

  describe('looked at all at once', () => {
    test('each VM is as it is when it is looked at alone', async () => {
      const vms = [await aVm(), await aRunningVm(), await aRunningVm()]
      const ids = vms.map(({ vmId }) => vmId)
      await hypervisor.pauseVm(ids[2] ?? '')
      const all = await hypervisor.observeVms()
      for (const vmId of ids) {
        expect(all.filter((one) => one.vmId === vmId)).toEqual([await hypervisor.observeVm(vmId)])
      }
      expect(await hypervisor.observeVms()).toEqual(expect.arrayContaining(all))
    })

    test('the addresses of its network cards are said in their order', async () => {
      const nics = ['52:54:00:aa:aa:01', '52:54:00:aa:aa:02'].map((mac) => ({ bridge: 'nobr0', mac }))
      const { vmId } = await aVm({ nics })
      expect(await hypervisor.findMacs(vmId)).toEqual(nics.map(({ mac }) => mac))
      expect(await hypervisor.findMacs(randomUUID())).toBeNull()
    })

    test('a VM that is gone is not there any more', async () => {
      const { vmId } = await aVm()
      await hypervisor.undefineVm(vmId)
      expect((await hypervisor.observeVms()).filter((one) => one.vmId === vmId)).toEqual([])
    })

    test('a VM has another run after each start, and the same one as long as it is on', async () => {
      const { vmId } = await aRunningVm()
      const runOf = async () => (await hypervisor.observeVms()).find((one) => one.vmId === vmId)?.runId
      const first = await runOf()
      expect(first).toEqual(expect.any(String))
      await hypervisor.pauseVm(vmId)
      expect(await runOf()).toBe(first)
      await hypervisor.destroyVm(vmId)
      expect(await runOf()).toBeNull()
      await hypervisor.startVm(vmId)
      expect(await runOf()).toEqual(expect.any(String))
      expect(await runOf()).not.toBe(first)
    })
  })

  describe('what VMs use', () => {
    test('is said of those that run, at once, and of no others', async () => {
      const [on, off] = [await aRunningVm(), await aVm()]
      const [paused] = [await aRunningVm()]
      await hypervisor.pauseVm(paused.vmId)
      const all = await hypervisor.measureVms([on.vmId, off.vmId, paused.vmId, randomUUID()])
      expect(all.map(({ vmId }) => vmId).sort()).toEqual([on.vmId, paused.vmId].sort())
      for (const { vmId, runId, vcpus, memory, disks } of all) {
        expect((await hypervisor.observeVm(vmId))?.runId).toBe(runId)
        expect(vcpus).toBe(1)
        expect(memory.balloonBytes).toBe(64 * 2 ** 20)
        expect(disks).toMatchObject([{ target: 'vda', capacityBytes: 2 ** 30, writtenBytes: 0 }])
      }
    })

    test('is said of none when none is asked for', async () => {
      await aRunningVm()
      expect(await hypervisor.measureVms([])).toEqual([])
    })

    test('a guest without an agent, or that is off, says nothing of itself', async () => {
      const signal = new AbortController().signal
      const vm = { ...definition({ disks: [] }), name: `has-no-agent-${randomUUID()}` }
      await hypervisor.defineVm(vm)
      expect(await hypervisor.readGuest(vm.vmId, signal)).toBeNull()
      expect(await hypervisor.readGuest(randomUUID(), signal)).toBeNull()
      await hypervisor.startVm(vm.vmId)
      expect(await hypervisor.readGuest(vm.vmId, signal)).toMatchObject({ report: { agent: null, ipAddresses: [] } })
    })
  })

  describeVerbs(() => node)
  describeImageUsers(() => node)
  describeHostDomains(() => node)
  describeSpecChanges(() => node)
  describeSnapshots(() => node)
  describeSeeds(() => node)
}

const stopped = (vmId: string, stateReason: VmObservation['stateReason']): VmObservation => ({
  vmId,
  state: 'STOPPED',
  stateReason,
  runId: null,
  definedOnNode: true,
  effectiveCpu: null,
  runningSpec: null,
  guestAgentConnected: null,
})
