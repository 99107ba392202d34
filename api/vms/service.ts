import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import { type Database, hotStatement } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { recordedColumns, unfinished } from '#db/operations/record.ts'
import { operations } from '#db/schema/operation.ts'
import { vms } from '#db/schema/vm.ts'
import type { VmWithOperation } from './view.ts'

const byId = hotStatement((drizzle) =>
  drizzle
    .select({ vm: vms, operation: recordedColumns })
    .from(vms)
    .leftJoin(operations, and(eq(operations.vmId, vms.id), unfinished))
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
export const listVms = ({ drizzle }: Database, { limit, cursor }: PageQuery): Promise<VmWithOperation[]> =>
  drizzle
    .select({ vm: vms, operation: recordedColumns })
    .from(vms)
    .leftJoin(operations, and(eq(operations.vmId, vms.id), unfinished))
    .where(cursor ? lt(vms.id, cursor) : undefined)
    .orderBy(desc(vms.id))
    .limit(limit + 1)

export const vmNotFound = (id: string): AppError =>
  new AppError('not_found', `VM ${id} does not exist.`, { reason: 'VM_NOT_FOUND' })
