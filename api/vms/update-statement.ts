import { getTableColumns, sql } from 'drizzle-orm'
import { hotStatement } from '#db/client.ts'
import { recordOperation, vmAndCurrent, vmMayBegin } from '#db/operations/record.ts'
import { vms } from '#db/schema/vm.ts'
import { vmSecrets } from '#db/schema/vm-secret.ts'
import { waitsForNode } from '#db/silent-nodes.ts'

const placeholder = (name: string, type: string) => sql`${sql.placeholder(name)}::${sql.raw(type)}`

/** The spec and labels that the change was made from are those that the VM still has. */
const unchanged = sql`vm.spec = ${placeholder('fromSpec', 'jsonb')} and vm.labels = ${placeholder('fromLabels', 'jsonb')}`

/**
 * Locks the VM; when it is still what the change was made from, writes the change. One of the spec needs a VM that may
 * begin it, and is recorded as an operation; with it go the secrets that were given.
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
  const secret = drizzle.$with('secret', { vmId: vmSecrets.vmId }).as(sql`
    insert into vm_secrets (vm_id, name, key_id, nonce, ciphertext)
    select operation.vm_id, sealed.*
    from operation cross join lateral jsonb_to_recordset(${placeholder('secrets', 'jsonb')})
      as sealed (name text, "keyId" text, nonce text, ciphertext text)
    on conflict (vm_id, name) do update
      set key_id = excluded.key_id, nonce = excluded.nonce, ciphertext = excluded.ciphertext
    returning vm_id`)
  return drizzle
    .with(vm, current, counted, operation, changed, secret)
    .select()
    .from(vm)
    .innerJoin(counted, sql`true`)
    .leftJoin(current, sql`true`)
    .leftJoin(operation, sql`true`)
    .leftJoin(changed, sql`true`)
    .prepare('vm_update')
})
