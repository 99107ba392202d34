import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Content, diskSizeGib, emptyContent } from '#test/live/snapshots-model/slots.ts'
import type { Hypervisor, RevertRequest, SnapshotTaken, StoredSnapshot } from '#worker/hypervisor/port.ts'
import { type HypervisorUnderTest, snapshotOf, vmsOn } from './contract-vms.ts'

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
  const { aVm, stateOf } = vmsOn(() => node)

  const aSmallVm = async () => (await aVm({ disks: [{ sizeGib: diskSizeGib }] })).vmId

  const write = (vmId: string, value: number) => node.disks.write(vmId, 'vda', 0, value)

  /** The value of the current disk; and nothing else was written to it. */
  async function current(vmId: string): Promise<number | undefined> {
    const [disk] = await node.disks.currentDisks(vmId)
    return valueIn(await node.disks.read(disk?.volume ?? ''))
  }

  const held = async ({ disks }: StoredSnapshot) => valueIn(await node.disks.read(disks[0]?.volume ?? ''))

  const fileCount = async (vmId: string) => (await node.disks.files(vmId)).size

  async function take(vmId: string, includeMemory = false): Promise<StoredSnapshot> {
    const request = snapshotOf(vmId, { includeMemory })
    return stored(request.snapshotId, await hypervisor.createSnapshot(request))
  }

  /** Snapshots of a stopped VM whose disk held 1, 2 and 3, and holds 4 now. */
  async function aVmWithThree() {
    const vmId = await aSmallVm()
    const snapshots: StoredSnapshot[] = []
    for (const value of [1, 2, 3]) {
      await write(vmId, value)
      snapshots.push(await take(vmId))
    }
    await write(vmId, 4)
    const [one, two, three] = snapshots as [StoredSnapshot, StoredSnapshot, StoredSnapshot]
    return { vmId, one, two, three }
  }

  const reclaim = async (vmId: string, keep: StoredSnapshot[]) => {
    const result = await hypervisor.reclaimFiles({ vmId, keep })
    for (const { from, to } of result.moved) {
      for (const { disks } of keep) for (const disk of disks) if (disk.volume === from) disk.volume = to
    }
    return result
  }

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

  describe('reclaiming', () => {
    const orders = ['0,1,2', '1,0,2', '2,1,0']
    const cases = orders.flatMap((order) => [true, false].map((running) => ({ order, running })))

    test.for(cases)('snapshots in the order $order, running: $running, leaves one file', async ({ order, running }) => {
      const { vmId, one, two, three } = await aVmWithThree()
      const all = [one, two, three]
      if (running) await hypervisor.startVm(vmId)
      let keep = all
      for (const index of order.split(',').map(Number)) {
        keep = keep.filter((snapshot) => snapshot !== all[index])
        await reclaim(vmId, keep)
        expect(await current(vmId)).toBe(4)
        expect(await Promise.all(keep.map(held))).toEqual(keep.map((snapshot) => all.indexOf(snapshot) + 1))
      }
      expect(await fileCount(vmId)).toBe(1)
      expect(await stateOf(vmId)).toBe(running ? 'RUNNING' : 'STOPPED')
    })

    test('twice does nothing more, and tells a caller that missed it of what has another name now', async () => {
      const { vmId, one, three } = await aVmWithThree()
      const asked = () =>
        [one, three].map((snapshot) => ({ ...snapshot, disks: snapshot.disks.map((disk) => ({ ...disk })) }))
      const { moved } = await hypervisor.reclaimFiles({ vmId, keep: asked() })
      expect(await hypervisor.findMoves(vmId, asked())).toEqual(moved)
      const again = await hypervisor.reclaimFiles({ vmId, keep: asked() })
      expect(again).toEqual({ moved, copiedBytes: 0, freedBytes: 0 })
      const keep = asked()
      await reclaim(vmId, keep)
      expect(await Promise.all(keep.map(held))).toEqual([1, 3])
    })

    test('a snapshot is found by a caller that missed that it has another name now', async () => {
      const { vmId, one, two, three } = await aVmWithThree()
      await hypervisor.startVm(vmId)
      const keep = [two, three]
      const { moved } = await hypervisor.reclaimFiles({ vmId, keep: structuredClone(keep) })
      expect(moved).toEqual([{ from: two.disks[0]?.volume, to: one.disks[0]?.volume }])
      expect(await hypervisor.findMoves(vmId, keep)).toEqual(moved)
      expect(await hypervisor.checkDisks({ vmId, snapshots: keep })).toBeNull()
      await hypervisor.revertToSnapshot(revertTo(vmId, two))
      expect(await current(vmId)).toBe(2)
    })

    test('removes saved memory with its snapshot, and none that is kept', async () => {
      const vmId = await aSmallVm()
      await hypervisor.startVm(vmId)
      const first = await take(vmId, true)
      const second = await take(vmId, true)
      await reclaim(vmId, [second])
      const names = [...(await node.disks.files(vmId)).keys()]
      expect(names).not.toContain(first.memoryVolume)
      expect(names).toContain(second.memoryVolume)
      await hypervisor.revertToSnapshot(revertTo(vmId, second))
      expect(await stateOf(vmId)).toBe('RUNNING')
    })

    test('leaves what several snapshots stand on until one of them is left', async () => {
      const vmId = await aSmallVm()
      await write(vmId, 1)
      const fork = await take(vmId)
      await write(vmId, 2)
      const left = await take(vmId)
      await hypervisor.revertToSnapshot(revertTo(vmId, fork))
      await write(vmId, 3)
      const right = await take(vmId)
      await reclaim(vmId, [left, right])
      expect(await Promise.all([left, right].map(held))).toEqual([2, 3])
      await hypervisor.revertToSnapshot(revertTo(vmId, left))
      await reclaim(vmId, [left])
      expect([await held(left), await current(vmId)]).toEqual([2, 2])
      expect(await fileCount(vmId)).toBe(2)
    })
  })

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

  test('deleting the files of a VM with snapshots leaves none of them, and every one of another VM', async () => {
    const { vmId, one } = await aVmWithThree()
    const other = await aVmWithThree()
    await hypervisor.revertToSnapshot(revertTo(vmId, one, { start: true }))
    await take(vmId, true)
    await hypervisor.destroyVm(vmId)
    await hypervisor.undefineVm(vmId)
    await hypervisor.deleteVmFiles(vmId)
    expect([await fileCount(vmId), await fileCount(other.vmId)]).toEqual([0, 4])
  })
}

const revertTo = (vmId: string, snapshot: StoredSnapshot, parts: Partial<RevertRequest> = {}): RevertRequest => ({
  vmId,
  operationId: randomUUID(),
  snapshot,
  keepAs: null,
  start: false,
  ...parts,
})

function stored(snapshotId: string, taken: SnapshotTaken | null): StoredSnapshot {
  if (!taken) return expect.fail('nothing was kept')
  const { kind, disks, memoryVolume, nvramVolume } = taken
  return { snapshotId, kind, disks: disks.map((disk) => ({ ...disk })), memoryVolume, nvramVolume }
}

function valueIn(content: Content): number | undefined {
  expect(content.slice(1)).toEqual(emptyContent.slice(1))
  return content[0]
}
