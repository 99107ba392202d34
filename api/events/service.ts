import { and, desc, eq, lt } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import type { Database } from '#db/client.ts'
import { type EventRow, events } from '#db/schema/event.ts'
import { getVm } from '#db/vms.ts'

/**
 * What happened to a VM, newest first, also to one that was deleted; one more than the limit where there is one.
 * Throws `not_found` where there is neither the VM nor anything of it.
 */
export async function listVmEvents(
  database: Database,
  vmId: string,
  { limit, cursor }: PageQuery,
): Promise<EventRow[]> {
  const found = await database.drizzle
    .select()
    .from(events)
    .where(and(eq(events.vmId, vmId), cursor === undefined ? undefined : lt(events.id, Number(cursor))))
    .orderBy(desc(events.id))
    .limit(limit + 1)
  if (found.length === 0 && cursor === undefined) await getVm(database, vmId)
  return found
}
