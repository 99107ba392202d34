import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { type Content, diskSizeGib, emptyContent } from '#test/live/snapshots-model/slots.ts'
import type { RevertRequest, SnapshotTaken, StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { type HypervisorUnderTest, snapshotOf, vmsOn } from './contract-vms.ts'

/** Takes and removes snapshots on the node, which may come later, and reads what each holds. */
export function snapshotsOn(node: () => HypervisorUnderTest) {
  const { aVm } = vmsOn(node)

  const aSmallVm = async () => (await aVm({ disks: [{ sizeGib: diskSizeGib }] })).vmId

  const write = (vmId: string, value: number) => node().disks.write(vmId, 'vda', 0, value)

  /** The value of the current disk; and nothing else was written to it. */
  async function current(vmId: string): Promise<number | undefined> {
    const [disk] = await node().disks.currentDisks(vmId)
    return valueIn(await node().disks.read(disk?.volume ?? ''))
  }

  const held = async ({ disks }: StoredSnapshot) => valueIn(await node().disks.read(disks[0]?.volume ?? ''))

  const fileCount = async (vmId: string) => (await node().disks.files(vmId)).size

  async function take(vmId: string, includeMemory = false): Promise<StoredSnapshot> {
    const request = snapshotOf(vmId, { includeMemory })
    return stored(request.snapshotId, await node().hypervisor.createSnapshot(request))
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
    const result = await node().hypervisor.reclaimFiles({ vmId, keep })
    for (const { from, to } of result.moved) {
      for (const { disks } of keep) for (const disk of disks) if (disk.volume === from) disk.volume = to
    }
    return result
  }

  return { aSmallVm, write, current, held, fileCount, take, aVmWithThree, reclaim }
}

export const revertTo = (
  vmId: string,
  snapshot: StoredSnapshot,
  parts: Partial<RevertRequest> = {},
): RevertRequest => ({
  vmId,
  operationId: randomUUID(),
  snapshot,
  keepAs: null,
  start: false,
  ...parts,
})

export function stored(snapshotId: string, taken: SnapshotTaken | null): StoredSnapshot {
  if (!taken) return expect.fail('nothing was kept')
  const { kind, disks, memoryVolume, nvramVolume } = taken
  return { snapshotId, kind, disks: disks.map((disk) => ({ ...disk })), memoryVolume, nvramVolume }
}

function valueIn(content: Content): number | undefined {
  expect(content.slice(1)).toEqual(emptyContent.slice(1))
  return content[0]
}
