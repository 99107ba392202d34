import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { StoredSnapshot } from '#worker/hypervisor/port.ts'

/** The files that hold a snapshot, from its row. */
export function storedSnapshot({
  id,
  kind,
  disks,
  memoryVolume,
  nvramVolume,
}: Pick<SnapshotRow, 'id' | 'kind' | 'disks' | 'memoryVolume' | 'nvramVolume'>): StoredSnapshot {
  if (!kind || !disks) throw new Error(`Snapshot ${id} does not say what it is`)
  return { snapshotId: id, kind, disks, memoryVolume, nvramVolume }
}
