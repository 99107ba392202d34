import { getTableColumns, sql } from 'drizzle-orm'
import { hotStatement } from '#db/client.ts'
import { recordOperation, vmAndCurrent, vmMayBegin } from '#db/operations/record.ts'
import { vms } from '#db/schema/vm.ts'
import { waitsForNode } from '#db/silent-nodes.ts'

const placeholder = (name: string, type: string) => sql`${sql.placeholder(name)}::${sql.raw(type)}`

/** The spec and labels that the change was made from are those that the VM still has. */
const unchanged = sql`vm.spec = ${placeholder('fromSpec', 'jsonb')} and vm.labels = ${placeholder('fromLabels', 'jsonb')}`

/**
 * Locks the VM; when it is still what the change was made from, writes the change. One of the spec needs a VM that may
 * begin it, and is recorded as an operation.
 */
export const updateStatement = hotStatement((drizzle) => {
  const { vm, current, counted } = vmAndCurrent(drizzle)
  const changesSpec = placeholder('changesSpec', 'boolean')
  const operation = recordOperation(drizzle, sql`${changesSpec} and ${unchanged} and ${vmMayBegin('update')}`)
  const changed = drizzle.$with('changed', getTableColumns(vms)).as(sql`
    update vms set name = ${placeholder('name', 'text')}, description = ${placeholder('description', 'text')},
      labels = ${placeholder('labels', 'jsonb')}, updated_at = now(),
      spec = ${placeholder('spec', 'jsonb')}, tsc_frequency_hz = ${placeholder('tscFrequencyHz', 'bigint')},
      changed_from = case when ${changesSpec} then ${placeholder('changedFrom', 'jsonb')} else vms.changed_from end,
      running_spec = case when ${changesSpec} and vm.state <> 'STOPPED'
        then coalesce(vm.running_spec, ${placeholder('runningSpec', 'jsonb')}) else vms.running_spec end,
      message = case when ${changesSpec} then (
        select ${waitsForNode('nodes', 'the change is made')} from nodes where nodes.id = vm.node_id) else vms.message end
    from vm where vms.id = vm.id and ${unchanged} and (not ${changesSpec} or exists (select from operation))
    returning vms.*`)
  return drizzle
    .with(vm, current, counted, operation, changed)
    .select()
    .from(vm)
    .innerJoin(counted, sql`true`)
    .leftJoin(current, sql`true`)
    .leftJoin(operation, sql`true`)
    .leftJoin(changed, sql`true`)
    .prepare('vm_update')
})
