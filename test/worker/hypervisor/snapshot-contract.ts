import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import type { SnapshotRequest } from '#worker/hypervisor/snapshot-calls.ts'
import { type HypervisorUnderTest, refusal, required, snapshotOf, vmsOn } from './contract-vms.ts'

/** What every hypervisor promises of taking snapshots. */
export function describeSnapshots(node: () => HypervisorUnderTest): void {
  const { aVm, aRunningVm, stateOf } = vmsOn(node)
  let hypervisor: Hypervisor
  beforeAll(() => {
    hypervisor = node().hypervisor
  })

  describe('a snapshot', () => {
    test('of a stopped VM is offline, whatever was asked', async () => {
      const vm = await aVm({ disks: [{ sizeGib: 1 }, { sizeGib: 2 }] })
      const requests: Partial<SnapshotRequest>[] = [{}, { includeMemory: true }, { quiesce: required }]
      for (const parts of requests) {
        const taken = await hypervisor.createSnapshot(snapshotOf(vm.vmId, parts))
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

    test('leaves alone what the guest cannot write to, and so does what removes spare files', async () => {
      await node().addImage('data.raw', 2 ** 20)
      const vm = await aRunningVm({
        disks: [{ sizeGib: 1 }, { baseImage: 'data.raw', readOnly: true }],
        cdroms: [{ iso: null }],
      })
      for (const includeMemory of [false, true]) {
        const { disks } = await hypervisor.createSnapshot(snapshotOf(vm.vmId, { includeMemory }))
        expect(disks.map(({ target }) => target)).toEqual(['vda'])
      }
      await hypervisor.destroyVm(vm.vmId)
      await hypervisor.createSnapshot(snapshotOf(vm.vmId))
      await hypervisor.reclaimFiles({ vmId: vm.vmId, keep: [] })
      expect([...(await node().disks.files(vm.vmId)).keys()]).toContain(`${vm.vmId}.vdb.qcow2`)
      await hypervisor.startVm(vm.vmId)
    })

    test('of a running VM is of its disks, or of its memory too, and leaves it running', async () => {
      const vm = await aRunningVm()
      const disksOnly = await hypervisor.createSnapshot(snapshotOf(vm.vmId))
      const memory = await hypervisor.createSnapshot(snapshotOf(vm.vmId, { includeMemory: true }))
      expect(disksOnly).toMatchObject({ kind: 'disk-only', consistency: 'crash', memoryVolume: null })
      expect(memory).toMatchObject({ kind: 'memory', consistency: 'memory', memoryVolume: expect.any(String) })
      expect(memory.effectiveCpu).toMatchObject({ mode: 'custom' })
      expect(await stateOf(vm.vmId)).toBe('RUNNING')
    })

    test('taken twice under one id is taken once', async () => {
      const vm = await aVm()
      const offline = snapshotOf(vm.vmId)
      const taken = await hypervisor.createSnapshot(offline)
      expect(await hypervisor.createSnapshot(offline)).toEqual(taken)
      await hypervisor.startVm(vm.vmId)
      for (const includeMemory of [false, true]) {
        const request = snapshotOf(vm.vmId, { includeMemory })
        const first = await hypervisor.createSnapshot(request)
        expect(await hypervisor.createSnapshot(request)).toEqual(first)
      }
    })

    test('freezes what the one before it left the VM writing to', async () => {
      const vm = await aVm()
      const first = snapshotOf(vm.vmId)
      await hypervisor.createSnapshot(first)
      const { disks } = await hypervisor.createSnapshot(snapshotOf(vm.vmId))
      expect(disks).toEqual([{ target: 'vda', volume: `${vm.vmId}.vda.${first.snapshotId}.qcow2` }])
    })

    test('with memory and quiesce is refused, because memory needs none', async () => {
      const vm = await aVm()
      const both = snapshotOf(vm.vmId, { includeMemory: true, quiesce: required })
      await expect(hypervisor.createSnapshot(both)).rejects.toMatchObject({
        code: 'invalid_argument',
        reason: 'MEMORY_EXCLUDES_QUIESCE',
      })
    })

    test('of disks is refused where there are none', async () => {
      const vm = await aVm({ disks: [] })
      const refused = { code: 'failed_precondition', reason: 'VM_HAS_NO_DISKS' }
      await expect(hypervisor.createSnapshot(snapshotOf(vm.vmId))).rejects.toMatchObject(refused)
      await hypervisor.startVm(vm.vmId)
      await expect(hypervisor.createSnapshot(snapshotOf(vm.vmId))).rejects.toMatchObject(refused)
      const request = snapshotOf(vm.vmId, { includeMemory: true })
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
      const error = await refusal(hypervisor.createSnapshot(snapshotOf(vm.vmId, { includeMemory: true })))
      expect(error).toMatchObject({
        code: 'internal',
        reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU',
        message: memorySnapshotBlockedMessage,
        details: { vmId: vm.vmId, cpu: { mode: 'host-passthrough', migratable: 'off' } },
      })
      expect(await hypervisor.createSnapshot(snapshotOf(vm.vmId))).toMatchObject({ kind: 'disk-only' })
      await hypervisor.destroyVm(vm.vmId)
      const offline = snapshotOf(vm.vmId, { includeMemory: true })
      expect(await hypervisor.createSnapshot(offline)).toMatchObject({ kind: 'offline' })
    })

    test('that is discarded after it was taken leaves the VM on its overlay, which is merged then', async () => {
      const vm = await aRunningVm()
      const request = snapshotOf(vm.vmId)
      await hypervisor.createSnapshot(request)
      for (let time = 0; time < 2; time++) {
        expect(await hypervisor.discardSnapshot(vm.vmId, request.snapshotId)).toBe(true)
      }
      await hypervisor.reclaimFiles({ vmId: vm.vmId, keep: [] })
      expect((await node().disks.files(vm.vmId)).size).toBe(1)
      expect(await stateOf(vm.vmId)).toBe('RUNNING')
    })

    test('that was never begun, or of a VM that is gone, can be discarded', async () => {
      const vm = await aVm()
      expect(await hypervisor.discardSnapshot(vm.vmId, randomUUID())).toBe(false)
      expect(await hypervisor.discardSnapshot(randomUUID(), randomUUID())).toBe(false)
      expect(await stateOf(vm.vmId)).toBe('STOPPED')
    })
  })
}
