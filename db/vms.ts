import { and, eq, sql } from 'drizzle-orm'
import { type Database, type Drizzle, hotStatement } from './client.ts'
import type { AppError } from './errors.ts'
import { type RecordedOperation, recordedColumns, unfinished } from './operations/record.ts'
import { type SnapshotCounts, vmNameTaken, vmNotFound } from './rules/vm-refusal.ts'
import { operations } from './schema/operation.ts'
import { type VmRow, vms } from './schema/vm.ts'
import { vmGuests } from './schema/vm-guest.ts'
import { vmUsage } from './schema/vm-usage.ts'
import { snapshotCounts } from './snapshot-counts.ts'

/** What was last told of the run that a VM is in; null where nothing was. */
export interface VmReports {
  usage: Pick<typeof vmUsage.$inferSelect, 'usage' | 'sampledAt'> | null
  guest: Pick<typeof vmGuests.$inferSelect, 'report' | 'seenAt'> | null
}

/** A VM with its unfinished operation, where it has one; with its reports where it was read with them. */
export interface VmWithOperation extends Partial<VmReports> {
  vm: VmRow
  operation: RecordedOperation | null
  snapshots: SnapshotCounts
}

/** Of the run that the VM is in: what was before says nothing of it. */
const isOfRun = (reports: typeof vmUsage | typeof vmGuests) =>
  and(eq(reports.vmId, vms.id), eq(reports.runId, vms.runId))

/** VMs as `VmWithOperation`: those that the caller's condition selects. */
export const selectVms = (drizzle: Drizzle) =>
  drizzle
    .select({
      vm: vms,
      operation: recordedColumns,
      snapshots: snapshotCounts(vms.id),
      usage: { usage: vmUsage.usage, sampledAt: vmUsage.sampledAt },
      guest: { report: vmGuests.report, seenAt: vmGuests.seenAt },
    })
    .from(vms)
    .leftJoin(operations, and(eq(operations.vmId, vms.id), unfinished))
    .leftJoin(vmUsage, isOfRun(vmUsage))
    .leftJoin(vmGuests, isOfRun(vmGuests))

const byId = hotStatement((drizzle) =>
  selectVms(drizzle)
    .where(eq(vms.id, sql.placeholder('id')))
    .prepare('vm_by_id'),
)

export async function findVm(database: Database, id: string): Promise<VmWithOperation | null> {
  const [found] = await byId(database).execute({ id })
  return found ?? null
}

/** Throws `not_found`. */
export async function getVm(database: Database, id: string): Promise<VmWithOperation> {
  const found = await findVm(database, id)
  if (!found) throw vmNotFound(id)
  return found
}

/** The refusal of a name that another VM has; null where none has. */
export async function nameTaken({ drizzle }: Database, name: string): Promise<AppError | null> {
  const [namesake] = await drizzle.select({ id: vms.id }).from(vms).where(eq(vms.name, name))
  return namesake ? vmNameTaken(name, namesake.id) : null
}
