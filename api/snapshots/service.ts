import { and, desc, eq, lt } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import type { Database } from '#db/client.ts'
import { type SnapshotOrigin, snapshots } from '#db/schema/snapshot.ts'
import { type SnapshotWithOperation, selectSnapshots } from '#db/snapshots.ts'
import { getVm } from '#db/vms.ts'

/** Snapshots of a VM, or those of one origin, newest first; one more than the limit where there is one. Throws `not_found` without the VM. */
export async function listSnapshots(
  database: Database,
  vmId: string,
  { limit, cursor, origin }: PageQuery & { origin?: SnapshotOrigin | undefined },
): Promise<SnapshotWithOperation[]> {
  const found = await selectSnapshots(database.drizzle)
    .where(
      and(
        eq(snapshots.vmId, vmId),
        cursor ? lt(snapshots.id, cursor) : undefined,
        origin ? eq(snapshots.origin, origin) : undefined,
      ),
    )
    .orderBy(desc(snapshots.id))
    .limit(limit + 1)
  if (found.length === 0) await getVm(database, vmId)
  return found
}
