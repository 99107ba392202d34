import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import { type Database, hotStatement } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import type { LabelSelector } from '#db/labels.ts'
import { recordedColumns, unfinished } from '#db/operations/record.ts'
import { operations } from '#db/schema/operation.ts'
import { vms } from '#db/schema/vm.ts'
import { vmGuests } from '#db/schema/vm-guest.ts'
import { vmUsage } from '#db/schema/vm-usage.ts'
import { snapshotCounts } from '#db/snapshot-counts.ts'
import type { VmWithOperation } from './view.ts'

const shownColumns = {
  vm: vms,
  operation: recordedColumns,
  snapshots: snapshotCounts(vms.id),
  usage: { usage: vmUsage.usage, sampledAt: vmUsage.sampledAt },
  guest: { report: vmGuests.report, seenAt: vmGuests.seenAt },
}

/** Of the run that the VM is in: what was before says nothing of it. */
const isOfRun = (reports: typeof vmUsage | typeof vmGuests) =>
  and(eq(reports.vmId, vms.id), eq(reports.runId, vms.runId))

const byId = hotStatement((drizzle) =>
  drizzle
    .select(shownColumns)
    .from(vms)
    .leftJoin(operations, and(eq(operations.vmId, vms.id), unfinished))
    .leftJoin(vmUsage, isOfRun(vmUsage))
    .leftJoin(vmGuests, isOfRun(vmGuests))
    .where(eq(vms.id, sql.placeholder('id')))
    .prepare('vm_by_id'),
)

/** Throws `not_found`. */
export async function getVm(database: Database, id: string): Promise<VmWithOperation> {
  const [found] = await byId(database).execute({ id })
  if (!found) throw vmNotFound(id)
  return found
}

/** VMs, newest first; one more than the limit where there is one. */
export const listVms = (
  { drizzle }: Database,
  { limit, cursor, labelSelector }: PageQuery & { labelSelector?: LabelSelector | undefined },
): Promise<VmWithOperation[]> =>
  drizzle
    .select(shownColumns)
    .from(vms)
    .leftJoin(operations, and(eq(operations.vmId, vms.id), unfinished))
    .leftJoin(vmUsage, isOfRun(vmUsage))
    .leftJoin(vmGuests, isOfRun(vmGuests))
    .where(and(cursor ? lt(vms.id, cursor) : undefined, labelSelector && hasLabels(labelSelector)))
    .orderBy(desc(vms.id))
    .limit(limit + 1)

/** The values by the index; of a key without a value the rows that are left are looked at. */
const hasLabels = ({ values, keys }: LabelSelector) =>
  and(
    sql`${vms.labels} @> ${JSON.stringify(values)}::jsonb`,
    ...keys.map((key) => sql`jsonb_exists(${vms.labels}, ${key})`),
  )

export const vmNotFound = (id: string): AppError =>
  new AppError('not_found', `VM ${id} does not exist.`, { reason: 'VM_NOT_FOUND' })
