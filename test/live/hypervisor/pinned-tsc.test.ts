import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { aDefinition, aSpec } from '#test/support/vm-spec.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, snapshotOf, sourcesOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a pinned TSC${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  let reason: string | null
  beforeAll(async () => {
    node = await startLibvirtNode()
    const passthrough = (await node.hypervisor.probeCpuModes()).find(({ mode }) => mode === 'host-passthrough')
    const { tscFrequencyHz } = await node.hypervisor.describeNode()
    reason = passthrough?.supported ? null : `host-passthrough does not run here: ${passthrough?.message}`
    if (tscFrequencyHz === null) reason ??= 'this host does not say what its TSC frequency is'
  })
  afterAll(() => node?.close())

  const performance = (pinnedTsc: boolean) =>
    aRunningVm(node, { cpuMode: 'host-passthrough', cpu: { ...aSpec().cpu, pinnedTsc } })

  test('makes a memory snapshot of a running Performance VM possible, and reverting to it, also twice', async ({
    skip,
  }) => {
    if (reason) return skip(reason)
    const { tscFrequencyHz } = await node.hypervisor.describeNode()
    const vmId = await performance(true)
    const cpu = { mode: 'host-passthrough', migratable: 'off', tscFrequencyHz }
    expect(await node.hypervisor.observeVm(vmId)).toMatchObject({ state: 'RUNNING', effectiveCpu: cpu })
    const request = snapshotOf(vmId, { includeMemory: true })
    const taken = await node.hypervisor.createSnapshot(request)
    expect(taken).toMatchObject({ kind: 'memory', consistency: 'memory', effectiveCpu: cpu })
    const { kind, disks, memoryVolume, nvramVolume } = taken
    const snapshot = { snapshotId: request.snapshotId, kind, disks, memoryVolume, nvramVolume }
    for (const operationId of [crypto.randomUUID(), crypto.randomUUID()]) {
      await node.hypervisor.revertToSnapshot({ vmId, operationId, snapshot, keepAs: null, start: false })
      expect(await node.hypervisor.observeVm(vmId)).toMatchObject({ state: 'RUNNING', effectiveCpu: cpu })
      const path = expect.stringContaining(operationId)
      expect(await sourcesOf(node, vmId)).toEqual({ live: [path], inactive: [path], qemu: [path] })
    }
  })

  test('is refused at the start by a node that counts otherwise', async ({ skip }) => {
    if (reason) return skip(reason)
    if ((await node.hypervisor.describeNode()).tscScaling) return skip('this CPU runs a guest with any TSC frequency')
    // No counter of a machine that runs KVM goes so slowly.
    const vm = aDefinition({ spec: { cpuMode: 'host-passthrough', disks: [] }, tscFrequencyHz: 100_000_000 })
    await node.hypervisor.defineVm(vm)
    await expect(node.hypervisor.startVm(vm.vmId)).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'TSC_FREQUENCY_NOT_POSSIBLE',
    })
    expect((await node.hypervisor.observeVm(vm.vmId))?.state).toBe('STOPPED')
  })

  test('is what makes it possible: without it, the same VM is refused', async ({ skip }) => {
    if (reason) return skip(reason)
    const vmId = await performance(false)
    await expect(node.hypervisor.createSnapshot(snapshotOf(vmId, { includeMemory: true }))).rejects.toMatchObject({
      reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU',
    })
  })
})
