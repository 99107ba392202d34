import type { Database } from '#db/client.ts'
import { newId } from '#db/new-id.ts'
import type { Doorbell } from '#db/operations/doorbell.ts'
import { recordSnapshotDelete } from '#db/operations/record-snapshot-delete.ts'
import { dropOldRefusedSnapshots, findSurplusSnapshots } from '#db/operations/surplus-snapshots.ts'

/**
 * Begins to delete what schedules took beyond what they keep: of each VM one at a time, while it is free.
 * Safe to run anywhere, any number of times at once. Returns the ids of the snapshots that are being deleted.
 */
export async function deleteSurplusSnapshots(
  { db, doorbell }: { db: Database; doorbell: Pick<Doorbell, 'ring'> },
  now: Date,
): Promise<string[]> {
  await dropOldRefusedSnapshots(db)
  const begun: string[] = []
  for (const { vmId, snapshotId } of await findSurplusSnapshots(db, now)) {
    const found = await recordSnapshotDelete(db, { vmId, snapshotId, operationId: newId(), actor: 'schedule' })
    if (!found?.operation) continue
    begun.push(snapshotId)
    // The operation is recorded: a sweep rings again.
    await doorbell.ring(found.operation).catch(() => {})
  }
  return begun
}
