import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { AppError } from '#db/errors.ts'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import { aDefinition } from '#test/support/vm-spec.ts'
import type { Hypervisor, SnapshotRequest, VmDefinition, VmEvent, VmObservation } from '#worker/hypervisor/port.ts'

/** A hypervisor with a node behind it. */
export interface HypervisorUnderTest {
  hypervisor: Hypervisor
  /** Puts a raw image of that size among the node's images. */
  addImage(name: string, sizeBytes: number): Promise<void>
  close(): Promise<void>
}

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

  /** A VM with its disks made and defined. */
  async function aVm(spec: Partial<VmSpec> = {}): Promise<VmDefinition> {
    const vm = definition(spec)
    await makeDisks(vm)
    await hypervisor.defineVm(vm)
    return vm
  }

  async function makeDisks({ vmId, spec }: VmDefinition): Promise<void> {
    for (const [index, disk] of spec.disks.entries()) {
      await hypervisor.createDisk({ vmId, target: `vd${'abcd'[index]}`, ...disk })
    }
  }

  async function aRunningVm(spec: Partial<VmSpec> = {}): Promise<VmDefinition> {
    const vm = await aVm(spec)
    await hypervisor.startVm(vm.vmId)
    return vm
  }

  const snapshotOf = (vm: VmDefinition, parts: Partial<SnapshotRequest> = {}): SnapshotRequest => ({
    vmId: vm.vmId,
    snapshotId: randomUUID(),
    includeMemory: false,
    quiesce: null,
    ...parts,
  })

  const stateOf = async (vmId: string) => (await hypervisor.observeVm(vmId))?.state

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
      expect(await hypervisor.observeVm(vm.vmId)).toEqual(stopped(vm.vmId))
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
      await hypervisor.defineVm({ ...vm, spec: { ...vm.spec, cdroms: [{ iso: 'there.iso' }] } })
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
      expect(await hypervisor.observeVm(vmId)).toEqual(stopped(vmId))
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
      await expect(hypervisor.createSnapshot(snapshotOf({ ...definition(), vmId }))).rejects.toMatchObject(missing)
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

  describe('a snapshot', () => {
    test('of a stopped VM is offline, whatever was asked', async () => {
      const vm = await aVm({ disks: [{ sizeGib: 1 }, { sizeGib: 2 }] })
      const requests: Partial<SnapshotRequest>[] = [{}, { includeMemory: true }, { quiesce: required }]
      for (const parts of requests) {
        const taken = await hypervisor.createSnapshot(snapshotOf(vm, parts))
        expect(taken).toMatchObject({
          kind: 'offline',
          consistency: 'offline',
          memoryVolume: null,
          effectiveCpu: null,
        })
        expect(taken.disks.map(({ target }) => target)).toEqual(['vda', 'vdb'])
      }
      expect(await stateOf(vm.vmId)).toBe('STOPPED')
    })

    test('of a running VM is of its disks, or of its memory too, and leaves it running', async () => {
      const vm = await aRunningVm()
      const disksOnly = await hypervisor.createSnapshot(snapshotOf(vm))
      const memory = await hypervisor.createSnapshot(snapshotOf(vm, { includeMemory: true }))
      expect(disksOnly).toMatchObject({ kind: 'disk-only', consistency: 'crash', memoryVolume: null })
      expect(memory).toMatchObject({ kind: 'memory', consistency: 'memory', memoryVolume: expect.any(String) })
      expect(memory.effectiveCpu).toMatchObject({ mode: 'custom' })
      expect(await stateOf(vm.vmId)).toBe('RUNNING')
    })

    test('taken twice under one id is taken once', async () => {
      const vm = await aVm()
      const offline = snapshotOf(vm)
      const taken = await hypervisor.createSnapshot(offline)
      expect(await hypervisor.createSnapshot(offline)).toEqual(taken)
      await hypervisor.startVm(vm.vmId)
      for (const includeMemory of [false, true]) {
        const request = snapshotOf(vm, { includeMemory })
        const first = await hypervisor.createSnapshot(request)
        expect(await hypervisor.createSnapshot(request)).toEqual(first)
      }
    })

    test('freezes what the one before it left the VM writing to', async () => {
      const vm = await aVm()
      const first = snapshotOf(vm)
      await hypervisor.createSnapshot(first)
      const { disks } = await hypervisor.createSnapshot(snapshotOf(vm))
      expect(disks).toEqual([{ target: 'vda', volume: `${vm.vmId}.vda.${first.snapshotId}.qcow2` }])
    })

    test('with memory and quiesce is refused, because memory needs none', async () => {
      const vm = await aVm()
      const both = snapshotOf(vm, { includeMemory: true, quiesce: required })
      await expect(hypervisor.createSnapshot(both)).rejects.toMatchObject({
        code: 'invalid_argument',
        reason: 'MEMORY_EXCLUDES_QUIESCE',
      })
    })

    test('of disks is refused where there are none', async () => {
      const vm = await aVm({ disks: [] })
      const refused = { code: 'failed_precondition', reason: 'VM_HAS_NO_DISKS' }
      await expect(hypervisor.createSnapshot(snapshotOf(vm))).rejects.toMatchObject(refused)
      await hypervisor.startVm(vm.vmId)
      await expect(hypervisor.createSnapshot(snapshotOf(vm))).rejects.toMatchObject(refused)
      const request = snapshotOf(vm, { includeMemory: true })
      const taken = await hypervisor.createSnapshot(request)
      expect(taken).toMatchObject({ kind: 'memory', disks: [], memoryVolume: expect.any(String) })
      expect(await hypervisor.createSnapshot(request)).toEqual(taken)
    })

    test('with memory of a host-passthrough CPU is refused in the published words, and of its disks is not', async ({
      skip,
    }) => {
      const passthrough = (await hypervisor.probeCpuModes()).find(({ mode }) => mode === 'host-passthrough')
      if (!passthrough?.supported) return skip(`host-passthrough does not run here: ${passthrough?.message}`)
      const vm = await aRunningVm({ cpuMode: 'host-passthrough' })
      const error = await refusal(hypervisor.createSnapshot(snapshotOf(vm, { includeMemory: true })))
      expect(error).toMatchObject({
        code: 'internal',
        reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU',
        message: memorySnapshotBlockedMessage,
        details: { vmId: vm.vmId, cpu: { mode: 'host-passthrough', migratable: 'off' } },
      })
      expect(await hypervisor.createSnapshot(snapshotOf(vm))).toMatchObject({ kind: 'disk-only' })
      await hypervisor.destroyVm(vm.vmId)
      const offline = snapshotOf(vm, { includeMemory: true })
      expect(await hypervisor.createSnapshot(offline)).toMatchObject({ kind: 'offline' })
    })

    test('that was never begun, or of a VM that is gone, can be discarded', async () => {
      const vm = await aVm()
      await hypervisor.discardSnapshot(vm.vmId, randomUUID())
      await hypervisor.discardSnapshot(randomUUID(), randomUUID())
      expect(await stateOf(vm.vmId)).toBe('STOPPED')
    })
  })
}

const definition = (spec: Partial<VmSpec> = {}): VmDefinition => aDefinition({ spec })

const required: SnapshotRequest['quiesce'] = { policy: 'require', timeoutSeconds: 60 }

const stopped = (vmId: string): VmObservation => ({
  vmId,
  state: 'STOPPED',
  effectiveCpu: null,
  guestAgentConnected: null,
})

async function refusal(call: Promise<unknown>): Promise<AppError> {
  return call.then(
    () => expect.fail('it was not refused'),
    (error: AppError) => error,
  )
}
