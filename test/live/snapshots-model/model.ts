import { randomUUID } from 'node:crypto'
import type { SnapshotKind } from '#db/schema/snapshot.ts'
import type { RunState, SnapshotTaken, StoredSnapshot } from '#worker/hypervisor/port.ts'
import { type Content, emptyContent } from './slots.ts'

/** What a VM must be: the part that the control plane's rows play, and what its disks must hold. */
export interface Model {
  vmId: string
  state: RunState
  /** In the order of their targets. */
  disks: Content[]
  snapshots: ModelSnapshot[]
  /** Whether files may lie about that the next reclaim removes. */
  littered: boolean
}

export interface ModelSnapshot {
  stored: StoredSnapshot
  disks: Content[]
}

export const targets = ['vda', 'vdb'] as const

export const newModel = (): Model => ({
  vmId: randomUUID(),
  state: 'STOPPED',
  disks: targets.map(() => emptyContent),
  snapshots: [],
  littered: false,
})

/** What a snapshot of the VM as it is now must be. */
export const kindNow = ({ state }: Model, includeMemory: boolean): SnapshotKind =>
  state === 'STOPPED' ? 'offline' : includeMemory ? 'memory' : 'disk-only'

export function remember(model: Model, snapshotId: string, taken: SnapshotTaken, disks: Content[]): void {
  const { kind, memoryVolume, nvramVolume } = taken
  model.snapshots.push({ stored: { snapshotId, kind, disks: taken.disks, memoryVolume, nvramVolume }, disks })
}

/** Every stored snapshot, as the worker is told of them. */
export const storedSnapshots = ({ snapshots }: Model): StoredSnapshot[] => snapshots.map(({ stored }) => stored)

/** Writes down under which names the snapshots' content is found now. */
export function follow(model: Model, moved: readonly { from: string; to: string }[]): void {
  for (const { stored } of model.snapshots) {
    stored.disks = stored.disks.map(({ target, volume }) => ({
      target,
      volume: moved.find(({ from }) => from === volume)?.to ?? volume,
    }))
  }
}
