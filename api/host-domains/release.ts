import { getTableColumns, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { hotStatement } from '#db/client.ts'
import { changedMeanwhile } from '#db/operations/begin.ts'
import { requireAllowed } from '#db/operations/begin-action.ts'
import { vmAndCurrent, vmMayBegin } from '#db/operations/record.ts'
import { vmNotFound } from '#db/rules/vm-refusal.ts'
import { events } from '#db/schema/event.ts'
import { vms } from '#db/schema/vm.ts'

/** Nothing is done on the node, so a silent one does not keep its VMs. */
const release = hotStatement((drizzle) => {
  const { vm, current } = vmAndCurrent(drizzle)
  const released = drizzle.$with('released', getTableColumns(vms)).as(sql`
    delete from vms using vm
    where vms.id = vm.id and ${vmMayBegin('release')}
    returning vms.*`)
  const told = drizzle.$with('told', { id: events.id }).as(sql`
    insert into events (vm_id, node_id, type, severity, actor, message, details)
    select id, node_id, 'vm.released', 'info', 'user', 'It is no VM any more; its domain stays on the node as it is.', '{}'
    from released
    returning id`)
  return drizzle
    .with(vm, current, released, told)
    .select({ id: vm.id, eventId: told.id })
    .from(vm)
    .leftJoin(told, sql`true`)
    .prepare('vm_release')
})

/**
 * Forgets a VM that others made; its domain goes on as it is, and can be adopted again. Throws `not_found`, and
 * `failed_precondition` for one that Quantix made, or that has snapshots.
 */
export async function releaseVm({ database }: Pick<Deps, 'database'>, vmId: string): Promise<void> {
  const [found] = await release(database).execute({ vmId })
  if (!found) throw vmNotFound(vmId)
  if (found.eventId !== null) return
  await requireAllowed(database, vmId, 'release')
  throw changedMeanwhile()
}
