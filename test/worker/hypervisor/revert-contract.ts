import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { revertTo, snapshotsOn, stored } from './contract-snapshots.ts'
import { type HypervisorUnderTest, vmsOn } from './contract-vms.ts'
import { describeReclaims } from './reclaim-contract.ts'

/** What every hypervisor promises of going back to snapshots and of removing them. */
export function describeReverts(open: () => Promise<HypervisorUnderTest>): void {
  let node: HypervisorUnderTest
  let hypervisor: Hypervisor
  beforeAll(async () => {
    node = await open()
    hypervisor = node.hypervisor
    await hypervisor.probeCpuModes()
  })
  afterAll(() => node?.close())
  const { stateOf } = vmsOn(() => node)
  const { aSmallVm, write, current, held, fileCount, take, aVmWithThree, reclaim } = snapshotsOn(() => node)

  describe('a revert', () => {
    test('goes back and forth between snapshots, and each holds what it held', async () => {
      const { vmId, one, two, three } = await aVmWithThree()
      for (const [snapshot, value] of [
        [one, 1],
        [three, 3],
        [two, 2],
        [one, 1],
        [three, 3],
      ] as const) {
        await hypervisor.revertToSnapshot(revertTo(vmId, snapshot))
        expect(await current(vmId)).toBe(value)
        await write(vmId, 9)
      }
      expect(await Promise.all([one, two, three].map(held))).toEqual([1, 2, 3])
    })

    test.for([
      { kind: 'memory', start: false, ends: 'RUNNING' },
      { kind: 'disk-only', start: true, ends: 'RUNNING' },
      { kind: 'offline', start: false, ends: 'STOPPED' },
    ] as const)(
      'to a snapshot of kind $kind, with start $start, ends $ends from any state',
      async ({ kind, start, ends }) => {
        const vmId = await aSmallVm()
        if (kind !== 'offline') await hypervisor.startVm(vmId)
        await write(vmId, 1)
        const snapshot = await take(vmId, kind === 'memory')
        expect(snapshot.kind).toBe(kind)
        for (const state of ['RUNNING', 'PAUSED', 'STOPPED']) {
          if (state === 'STOPPED') await hypervisor.destroyVm(vmId)
          else await hypervisor.startVm(vmId)
          await write(vmId, 2)
          if (state === 'PAUSED') await node.disks.suspend(vmId)
          await hypervisor.revertToSnapshot(revertTo(vmId, snapshot, { start }))
          expect(await stateOf(vmId)).toBe(ends)
          expect(await current(vmId)).toBe(1)
        }
      },
    )

    test('keeps what was current as a snapshot that can be reverted to', async () => {
      const vmId = await aSmallVm()
      await write(vmId, 1)
      const first = await take(vmId)
      await hypervisor.startVm(vmId)
      await write(vmId, 2)
      const keepAs = randomUUID()
      const { kept } = await hypervisor.revertToSnapshot(revertTo(vmId, first, { keepAs }))
      expect(kept).toMatchObject({ kind: 'disk-only', consistency: 'crash', memoryVolume: null })
      const second = stored(keepAs, kept)
      await write(vmId, 3)
      const stopped = await hypervisor.revertToSnapshot(revertTo(vmId, second, { keepAs: randomUUID() }))
      expect(stopped.kept).toMatchObject({ kind: 'offline', consistency: 'offline' })
      expect(await current(vmId)).toBe(2)
    })

    test('keeps nothing when nothing is to be kept, and the space comes back', async () => {
      const { vmId, one, two, three } = await aVmWithThree()
      const { kept } = await hypervisor.revertToSnapshot(revertTo(vmId, two))
      expect(kept).toBeNull()
      await reclaim(vmId, [one, two, three])
      expect(await fileCount(vmId)).toBe(4)
      expect(await Promise.all([one, two, three].map(held))).toEqual([1, 2, 3])
    })

    test('made twice is made once: the second changes nothing', async () => {
      const { vmId, two } = await aVmWithThree()
      const request = revertTo(vmId, two, { keepAs: randomUUID(), start: true })
      const first = await hypervisor.revertToSnapshot(request)
      const count = await fileCount(vmId)
      await write(vmId, 7)
      expect(await hypervisor.revertToSnapshot(request)).toEqual(first)
      expect(await current(vmId)).toBe(7)
      expect(await fileCount(vmId)).toBe(count)
    })

    test.for(['RUNNING', 'STOPPED'] as const)('that is undone, also twice, leaves a %s VM as it was', async (state) => {
      const { vmId, two } = await aVmWithThree()
      if (state === 'RUNNING') await hypervisor.startVm(vmId)
      const before = { disks: await node.disks.currentDisks(vmId), count: await fileCount(vmId) }
      const request = revertTo(vmId, two, { keepAs: randomUUID(), start: true })
      await hypervisor.revertToSnapshot(request)
      await hypervisor.undoRevert(request)
      await hypervisor.undoRevert(request)
      expect({ disks: await node.disks.currentDisks(vmId), count: await fileCount(vmId) }).toEqual(before)
      expect(await current(vmId)).toBe(4)
      expect(await stateOf(vmId)).toBe(state)
    })

    test('that was never begun, or of a VM that is gone, can be undone', async () => {
      const { vmId, two } = await aVmWithThree()
      await hypervisor.undoRevert(revertTo(vmId, two))
      expect(await current(vmId)).toBe(4)
      const gone = { ...revertTo(vmId, two), vmId: randomUUID() }
      await hypervisor.undoRevert(gone)
      await expect(hypervisor.revertToSnapshot(gone)).rejects.toMatchObject({ reason: 'VM_NOT_ON_NODE' })
    })
  })

  describeReclaims(() => node)

  test.for(['RUNNING', 'STOPPED'] as const)('the disks of a %s VM are found right after all of it', async (state) => {
    const { vmId, one, two, three } = await aVmWithThree()
    if (state === 'RUNNING') await hypervisor.startVm(vmId)
    const snapshots = [one, three]
    expect(await hypervisor.checkDisks({ vmId, snapshots: [one, two, three] })).toBeNull()
    await hypervisor.revertToSnapshot(revertTo(vmId, two, { start: state === 'RUNNING' }))
    await reclaim(vmId, snapshots)
    expect(await hypervisor.checkDisks({ vmId, snapshots })).toBeNull()
    expect(await current(vmId)).toBe(2)
  })
}
