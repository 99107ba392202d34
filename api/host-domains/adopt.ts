import { eq, getTableColumns, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { vmName } from '#api/vms/schemas.ts'
import { type Database, hotStatement } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { changedMeanwhile, ring } from '#db/operations/begin.ts'
import type { Begun } from '#db/operations/begin-action.ts'
import { recordOperations } from '#db/operations/record.ts'
import { adoptionRefusal } from '#db/rules/adoption.ts'
import { noSnapshots } from '#db/rules/vm-refusal.ts'
import { vms } from '#db/schema/vm.ts'
import { waitsForNode } from '#db/silent-nodes.ts'
import { findVm, nameTaken } from '#db/vms.ts'
import type { AdoptInput } from './schemas.ts'
import { alreadyVm, getHostDomain } from './service.ts'

/** Makes a VM of what is known of the domain; no row where it is gone, is a VM, or the name is taken. */
const insertVm = hotStatement((drizzle) => {
  const vm = drizzle.$with('vm', getTableColumns(vms)).as(sql`
    insert into vms (id, name, description, node_id, spec, unmanaged, state, message)
    select domain.id, ${sql.placeholder('name')}, ${sql.placeholder('description')}, node.id, spec, unmanaged, 'CREATING',
      ${waitsForNode('node', 'the domain is adopted')}
    from host_domains domain join nodes node on node.id = domain.node_id
    where domain.node_id = ${sql.placeholder('nodeId')}::uuid and domain.id = ${sql.placeholder('domainId')}::uuid
    on conflict do nothing
    returning *`)
  const operation = recordOperations(
    drizzle,
    sql`
    select ${sql.placeholder('operationId')}::uuid, 'vm.adopt', vm.id, vm.node_id,
      jsonb_build_object('vmId', vm.id), 'user'::event_actor
    from vm`,
  )
  return drizzle
    .with(vm, operation)
    .select()
    .from(vm)
    .innerJoin(operation, eq(operation.vmId, vm.id))
    .prepare('vm_adopt')
})

/**
 * Makes a VM of a domain that others made. What was known of the domain decides here, and what its worker finds decides
 * again. Throws `not_found`, `already_exists` for a name that is taken or a domain that is a VM, and `failed_precondition`
 * where something stands in the way.
 */
export async function adoptDomain(
  deps: Deps,
  nodeId: string,
  domainId: string,
  { name: wantedName, description: wantedDescription }: AdoptInput,
): Promise<Begun> {
  const { domain } = await getHostDomain(deps.database, nodeId, domainId)
  const refusal = adoptionRefusal(domain)
  if (refusal) throw refusal
  const name = wantedName ?? usableName(domain.name)
  const description = wantedDescription ?? domain.description.slice(0, maxDescriptionLength)
  const values = { nodeId, domainId, name, description, operationId: deps.newId() }
  const [made] = await insertVm(deps.database).execute(values)
  if (!made) throw await whyNot(deps.database, { domainId, name })
  const { vm, operation } = made
  ring(deps, operation)
  return { vm, operation, snapshots: noSnapshots, begun: operation }
}

/** What a VM may have. */
const maxDescriptionLength = 1000

function usableName(name: string): string {
  if (vmName.safeParse(name).success) return name
  throw new AppError(
    'invalid_argument',
    `The domain's name "${name}" is none that a VM can have. Give it one in \`name\`; the domain keeps its own.`,
    { reason: 'NAME_NOT_USABLE', details: { name } },
  )
}

/** Why the statement made nothing. */
async function whyNot(database: Database, { domainId, name }: { domainId: string; name: string }): Promise<AppError> {
  const itself = await findVm(database, domainId)
  if (itself) return alreadyVm(domainId, itself.vm.name)
  return (await nameTaken(database, name)) ?? changedMeanwhile()
}
