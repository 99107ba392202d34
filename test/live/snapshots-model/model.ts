import type { SnapshotKind, SnapshotOrigin } from '#db/schema/snapshot.ts'
import type { Firmware } from '#db/vm-spec.ts'
import type { RunState } from '#worker/hypervisor/port.ts'
import type { Content } from './slots.ts'

/** What a VM must be, in the rows and on its node. */
export interface Model {
  readonly vmId: string
  readonly firmware: Firmware
  state: RunState
  /** In the order of their targets. */
  disks: Content[]
  nvram: Nvram
  /** In the order in which they were asked for. */
  snapshots: ModelSnapshot[]
  currentSnapshotId: string | null
  /** Whether files may lie about that the next reclaim removes. */
  littered: boolean
  /** How many names were given. */
  named: number
}

export interface ModelSnapshot {
  readonly id: string
  readonly origin: SnapshotOrigin
  state: 'READY' | 'FAILED'
  /** Null of one that was never taken. */
  readonly kind: SnapshotKind | null
  parentId: string | null
  readonly disks: readonly Content[]
  nvram: Nvram
}

/** A digest of the UEFI variables; null where there are none, undefined where the firmware may have written any. */
export type Nvram = string | null | undefined

export const targets = ['vda', 'vdb'] as const

/** What a snapshot of the VM as it is now must be. */
export const kindNow = ({ state }: Model, includeMemory: boolean): SnapshotKind =>
  state === 'STOPPED' ? 'offline' : includeMemory ? 'memory' : 'disk-only'

/** The VM as a snapshot that is taken now. */
export const asSnapshot = (model: Model, parts: Pick<ModelSnapshot, 'id' | 'origin' | 'kind'>): ModelSnapshot => ({
  ...parts,
  state: 'READY',
  parentId: model.currentSnapshotId,
  disks: model.disks,
  nvram: model.state === 'STOPPED' ? model.nvram : whileItRuns(model),
})

/** While a VM runs, its firmware writes its variables when it likes. */
export const whileItRuns = ({ firmware }: Pick<Model, 'firmware'>): Nvram => (firmware === 'bios' ? null : undefined)

/** Its children become its parent's. */
export function forget(model: Model, { id, parentId }: ModelSnapshot): void {
  model.snapshots = model.snapshots.filter((snapshot) => snapshot.id !== id)
  for (const snapshot of model.snapshots) if (snapshot.parentId === id) snapshot.parentId = parentId
  if (model.currentSnapshotId === id) model.currentSnapshotId = parentId
}
