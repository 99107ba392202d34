import { describe, expect, test } from 'vitest'
import { revertTo, snapshotsOn } from './contract-snapshots.ts'
import { type HypervisorUnderTest, vmsOn } from './contract-vms.ts'

/** What every hypervisor promises of removing snapshots. */
export function describeReclaims(node: () => HypervisorUnderTest): void {
  const { stateOf } = vmsOn(node)
  const { aSmallVm, write, current, held, fileCount, take, aVmWithThree, reclaim } = snapshotsOn(node)

  describe('reclaiming', () => {
    const orders = ['0,1,2', '1,0,2', '2,1,0']
    const cases = orders.flatMap((order) => [true, false].map((running) => ({ order, running })))

    test.for(cases)('snapshots in the order $order, running: $running, leaves one file', async ({ order, running }) => {
      const { vmId, one, two, three } = await aVmWithThree()
      const all = [one, two, three]
      if (running) await node().hypervisor.startVm(vmId)
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
      const { moved } = await node().hypervisor.reclaimFiles({ vmId, keep: asked() })
      expect(await node().hypervisor.findMoves(vmId, asked())).toEqual(moved)
      const again = await node().hypervisor.reclaimFiles({ vmId, keep: asked() })
      expect(again).toEqual({ moved, copiedBytes: 0, freedBytes: 0 })
      const keep = asked()
      await reclaim(vmId, keep)
      expect(await Promise.all(keep.map(held))).toEqual([1, 3])
    })

    test('a snapshot is found by a caller that missed that it has another name now', async () => {
      const { vmId, one, two, three } = await aVmWithThree()
      await node().hypervisor.startVm(vmId)
      const keep = [two, three]
      const { moved } = await node().hypervisor.reclaimFiles({ vmId, keep: structuredClone(keep) })
      expect(moved).toEqual([{ from: two.disks[0]?.volume, to: one.disks[0]?.volume }])
      expect(await node().hypervisor.findMoves(vmId, keep)).toEqual(moved)
      expect(await node().hypervisor.checkDisks({ vmId, snapshots: keep })).toBeNull()
      await node().hypervisor.revertToSnapshot(revertTo(vmId, two))
      expect(await current(vmId)).toBe(2)
    })

    test('removes saved memory with its snapshot, and none that is kept', async () => {
      const vmId = await aSmallVm()
      await node().hypervisor.startVm(vmId)
      const first = await take(vmId, true)
      const second = await take(vmId, true)
      await reclaim(vmId, [second])
      const names = [...(await node().disks.files(vmId)).keys()]
      expect(names).not.toContain(first.memoryVolume)
      expect(names).toContain(second.memoryVolume)
      await node().hypervisor.revertToSnapshot(revertTo(vmId, second))
      expect(await stateOf(vmId)).toBe('RUNNING')
    })

    test('leaves what several snapshots stand on until one of them is left', async () => {
      const vmId = await aSmallVm()
      await write(vmId, 1)
      const fork = await take(vmId)
      await write(vmId, 2)
      const left = await take(vmId)
      await node().hypervisor.revertToSnapshot(revertTo(vmId, fork))
      await write(vmId, 3)
      const right = await take(vmId)
      await reclaim(vmId, [left, right])
      expect(await Promise.all([left, right].map(held))).toEqual([2, 3])
      await node().hypervisor.revertToSnapshot(revertTo(vmId, left))
      await reclaim(vmId, [left])
      expect([await held(left), await current(vmId)]).toEqual([2, 2])
      expect(await fileCount(vmId)).toBe(2)
    })
  })

  test('deleting the files of a VM with snapshots leaves none of them, and every one of another VM', async () => {
    const { vmId, one } = await aVmWithThree()
    const other = await aVmWithThree()
    await node().hypervisor.revertToSnapshot(revertTo(vmId, one, { start: true }))
    await take(vmId, true)
    await node().hypervisor.destroyVm(vmId)
    await node().hypervisor.undefineVm(vmId)
    await node().hypervisor.deleteVmFiles(vmId)
    expect([await fileCount(vmId), await fileCount(other.vmId)]).toEqual([0, 4])
  })
}
