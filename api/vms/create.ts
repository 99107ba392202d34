import { desc, eq, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { changedMeanwhile, ring } from '#api/operations/service.ts'
import { type Database, hotStatement } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { recordOperation, recordValues } from '#db/operations/record.ts'
import { nodes } from '#db/schema/node.ts'
import { vms } from '#db/schema/vm.ts'
import { cpuModeTitles } from '#db/vm-spec.ts'
import type { Begun } from './actions.ts'
import type { VmCreateInput } from './schemas.ts'

/** Picks the node, makes the VM and records the operation; no row when no node will do or the name is taken. */
const insertVm = hotStatement((drizzle) => {
  const node = drizzle.$with('node', { id: nodes.id }).as(sql`
    select id from nodes
    where cpu_modes @> ${sql.placeholder('cpuMode')}::jsonb and memory_mib >= ${sql.placeholder('memoryMib')}
    order by last_seen_at desc limit 1`)
  const vm = drizzle.$with('vm', { createdAt: vms.createdAt }).as(sql`
    insert into vms (id, name, description, node_id, spec, state)
    select ${sql.placeholder('id')}::uuid, ${sql.placeholder('name')}, ${sql.placeholder('description')}, node.id,
      ${sql.placeholder('spec')}::jsonb, 'CREATING'
    from node
    on conflict (name) do nothing
    returning id, node_id, created_at`)
  const operation = recordOperation(drizzle)
  return drizzle.with(node, vm, operation).select().from(vm).innerJoin(operation, sql`true`).prepare('vm_create')
})

/**
 * Makes a VM and the operation that builds it, in one statement, on the node seen last of those that can run it.
 * Throws `already_exists` for a name that is taken, `failed_precondition` when no node can run it and `unavailable`
 * when there is no node.
 */
export async function createVm(deps: Deps, wanted: VmCreateInput): Promise<Begun> {
  const id = deps.newId()
  const [made] = await insertVm(deps.database).execute({
    id,
    name: wanted.name,
    description: wanted.description,
    spec: JSON.stringify(wanted.spec),
    cpuMode: JSON.stringify([{ mode: wanted.spec.cpuMode, supported: true }]),
    memoryMib: wanted.spec.memory.sizeMib,
    ...recordValues(deps.newId(), 'vm.create', { vmId: id }),
  })
  if (!made) throw await refusal(deps.database, wanted)
  const { operation } = made
  const { createdAt } = made.vm
  ring(deps, operation)
  // What was written is known: reading it back would cost the database a tenth of the statement.
  const vm = { ...newVm, ...wanted, id, nodeId: operation.nodeId, createdAt, updatedAt: createdAt }
  return { vm, operation, begun: operation }
}

const newVm = { state: 'CREATING', message: '', effectiveCpu: null, startedAt: null } as const

/** Why the statement made nothing. */
async function refusal({ drizzle }: Database, { name, spec }: VmCreateInput): Promise<AppError> {
  const { cpuMode, memory } = spec
  const [namesake] = await drizzle.select({ id: vms.id }).from(vms).where(eq(vms.name, name))
  if (namesake) {
    return new AppError('already_exists', `A VM named ${name} exists already. Choose another name.`, {
      reason: 'VM_NAME_TAKEN',
      details: { vmId: namesake.id },
    })
  }
  const known = await drizzle.select().from(nodes).orderBy(desc(nodes.lastSeenAt))
  const newest = known[0]
  if (!newest) return new AppError('unavailable', 'No node has registered yet; start a worker.', { reason: 'NO_NODE' })

  const able = known.filter((node) => node.cpuModes.some(({ mode, supported }) => mode === cpuMode && supported))
  if (able.length === 0) {
    const why = newest.cpuModes.find(({ mode }) => mode === cpuMode)?.message ?? 'the node does not say why'
    return new AppError(
      'failed_precondition',
      `No node can run VMs with CPU mode ${cpuMode} (${cpuModeTitles[cpuMode]}). Node ${newest.name}: ${why}`,
      { reason: 'CPU_MODE_NOT_SUPPORTED', details: { cpuMode, nodeId: newest.id, nodeMessage: why } },
    )
  }
  const largest = able.reduce((a, b) => (b.memoryMib > a.memoryMib ? b : a))
  if (largest.memoryMib < memory.sizeMib) {
    return new AppError(
      'failed_precondition',
      `No node has ${memory.sizeMib} MiB of memory. The largest that can run the VM, ${largest.name}, has ${largest.memoryMib} MiB.`,
      {
        reason: 'NODE_MEMORY_TOO_SMALL',
        details: { requestedMib: memory.sizeMib, nodeId: largest.id, nodeMemoryMib: largest.memoryMib },
      },
    )
  }
  return changedMeanwhile()
}
