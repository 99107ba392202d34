import { AppError } from '#db/errors.ts'
import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'

/** The row of the snapshot that an operation is about. Throws `not_found` where it has gone. */
export function requireSnapshot(snapshot: SnapshotRow | null): SnapshotRow {
  if (snapshot) return snapshot
  throw new AppError('not_found', 'The snapshot is not there any more', { reason: 'SNAPSHOT_NOT_FOUND' })
}

/** The files that hold a snapshot, from its row. */
export function storedSnapshot({ id, kind, disks, memoryVolume, nvramVolume }: SnapshotRow): StoredSnapshot {
  if (!kind || !disks) throw new Error(`Snapshot ${id} does not say what it is`)
  return { snapshotId: id, kind, disks, memoryVolume, nvramVolume }
}

/** The files of every snapshot that stays; one that is being deleted does not. */
export const storedSnapshots = (snapshots: readonly SnapshotRow[]): StoredSnapshot[] =>
  snapshots.filter(({ state }) => state === 'READY').map(storedSnapshot)
