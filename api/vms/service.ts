import { and, desc, lt, sql } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import type { Database } from '#db/client.ts'
import type { LabelSelector } from '#db/labels.ts'
import { vms } from '#db/schema/vm.ts'
import { selectVms, type VmWithOperation } from '#db/vms.ts'

/** VMs, newest first; one more than the limit where there is one. */
export const listVms = (
  { drizzle }: Database,
  { limit, cursor, labelSelector }: PageQuery & { labelSelector?: LabelSelector | undefined },
): Promise<VmWithOperation[]> =>
  selectVms(drizzle)
    .where(and(cursor ? lt(vms.id, cursor) : undefined, labelSelector && hasLabels(labelSelector)))
    .orderBy(desc(vms.id))
    .limit(limit + 1)

/** The values by the index; of a key without a value the rows that are left are looked at. */
const hasLabels = ({ values, keys }: LabelSelector) =>
  and(
    sql`${vms.labels} @> ${JSON.stringify(values)}::jsonb`,
    ...keys.map((key) => sql`jsonb_exists(${vms.labels}, ${key})`),
  )
