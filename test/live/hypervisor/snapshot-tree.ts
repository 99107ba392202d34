import path from 'node:path'
import { expect } from 'vitest'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import type { Reclaimed, StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import { expectContent, expectSoundFiles, type Stretch, writeDisk } from './disk-content.ts'
import type { LibvirtNode } from './libvirt-node.ts'
import { filesOf, snapshotOf, sourcesOf } from './node-vms.ts'

type Node = Pick<LibvirtNode, 'connection' | 'options' | 'hypervisor'>

/** A VM with one disk, its snapshots as rows would have them, and what each must hold. */
export function snapshotTree(node: Node, vmId: string, files: { leaks?: boolean } = {}) {
  const kept = new Map<string, { snapshot: StoredSnapshot; content: Stretch[] }>()
  let current: Stretch[] = []

  const keep = () => [...kept.values()].map(({ snapshot }) => snapshot)

  function follow({ moved }: Reclaimed): void {
    for (const entry of kept.values()) {
      const disks = entry.snapshot.disks.map(({ target, volume }) => ({
        target,
        volume: moved.find(({ from }) => from === volume)?.to ?? volume,
      }))
      entry.snapshot = { ...entry.snapshot, disks }
    }
  }

  const tree = {
    vmId,
    keep,

    async write(...stretches: Stretch[]): Promise<void> {
      await writeDisk(node, vmId, stretches)
      current = [...current, ...stretches]
    },

    async take(name: string, includeMemory = false): Promise<void> {
      const request = snapshotOf(vmId, { includeMemory })
      const { kind, disks, memoryVolume, nvramVolume } = await node.hypervisor.createSnapshot(request)
      const snapshot = { snapshotId: request.snapshotId, kind, disks, memoryVolume, nvramVolume }
      kept.set(name, { snapshot, content: current })
    },

    /** What was current is not kept, and stays in its files until they are reclaimed. */
    async revert(name: string, start = false): Promise<void> {
      const { snapshot } = tree.of(name)
      const operationId = snapshotOf(vmId).snapshotId
      await node.hypervisor.revertToSnapshot({ vmId, operationId, snapshot, keepAs: null, start })
      tree.isNow(name)
    },

    /** Somebody else has reverted it. */
    isNow(name: string): void {
      current = tree.of(name).content
    },

    /** The snapshot goes from the rows; its files stay until they are reclaimed. */
    drop: (name: string) => kept.delete(name),

    async reclaim(hypervisor: Hypervisor = node.hypervisor): Promise<Reclaimed> {
      const reclaimed = await hypervisor.reclaimFiles({ vmId, keep: keep() })
      follow(reclaimed)
      return reclaimed
    },

    async delete(name: string): Promise<Reclaimed> {
      tree.drop(name)
      return tree.reclaim()
    },

    of(name: string) {
      const entry = kept.get(name)
      if (!entry) throw new Error(`no snapshot ${name}`)
      return entry
    },

    volumeOf: (name: string) => tree.of(name).snapshot.disks[0]?.volume ?? '',

    /** What is kept and what is current hold what they must, and nobody disagrees about what is current. */
    async expectWhole(): Promise<void> {
      const { live, inactive, qemu } = await sourcesOf(node, vmId)
      expect(inactive).toEqual(live)
      if (qemu.length > 0) expect(qemu).toEqual(live)
      // QEMU keeps some of a file's metadata to itself until it is asked.
      await writeDisk(node, vmId, [])
      await expectContent(node, path.basename(live[0] ?? ''), current)
      for (const { snapshot, content } of kept.values()) {
        await expectContent(node, snapshot.disks[0]?.volume ?? '', content)
      }
      await expectSoundFiles(node, vmId, files)
    },

    /** Besides that there are no more files than contents, and `hidden` that several others stand on. */
    async expectReclaimed(hidden = 0): Promise<void> {
      await tree.expectWhole()
      const memories = keep().filter(({ memoryVolume }) => memoryVolume !== null).length
      expect(await filesOf(node, vmId)).toHaveLength(kept.size + 1 + memories + hidden)
    },
  }
  return tree
}
