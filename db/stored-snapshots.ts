import { and, eq, sql } from 'drizzle-orm'
import { type Database, hotStatement } from './client.ts'
import { snapshots } from './schema/snapshot.ts'
import { vms } from './schema/vm.ts'

const ready = hotStatement((db) =>
  db
    .select({
      vmId: snapshots.vmId,
      snapshotId: snapshots.id,
      kind: snapshots.kind,
      disks: snapshots.disks,
      memoryVolume: snapshots.memoryVolume,
      nvramVolume: snapshots.nvramVolume,
    })
    .from(snapshots)
    .innerJoin(vms, eq(vms.id, snapshots.vmId))
    .where(
      and(
        eq(vms.nodeId, sql.placeholder('nodeId')),
        eq(snapshots.state, 'READY'),
        sql`(${sql.placeholder('vmId')}::uuid is null or ${vms.id} = ${sql.placeholder('vmId')}::uuid)`,
      ),
    )
    .prepare('ready_snapshots'),
)

/** The files of every snapshot that is ready, of the node's VMs or of one of them. */
export async function findReadySnapshots(db: Database, nodeId: string, vmId?: string) {
  const rows = await ready(db).execute({ nodeId, vmId: vmId ?? null })
  return rows.map(({ kind, disks, ...row }) => {
    if (!kind || !disks) throw new Error(`Snapshot ${row.snapshotId} is ready, and does not say what it is`)
    return { ...row, kind, disks }
  })
}
