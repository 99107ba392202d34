import { desc, eq, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { databaseOutage } from '#api/http/database-outage.ts'
import { type Database, type Drizzle, hotStatement } from '#db/client.ts'
import { withinDeadline } from '#db/deadline.ts'
import { AppError } from '#db/errors.ts'
import { gather } from '#db/gather.ts'
import { newVm } from '#db/new-vm.ts'
import { changedMeanwhile, ring } from '#db/operations/begin.ts'
import type { Begun } from '#db/operations/begin-action.ts'
import { recordOperations } from '#db/operations/record.ts'
import { noSnapshots } from '#db/rules/vm-refusal.ts'
import { nodes } from '#db/schema/node.ts'
import { vms } from '#db/schema/vm.ts'
import { vmSecrets } from '#db/schema/vm-secret.ts'
import { waitsForNode } from '#db/silent-nodes.ts'
import { cpuModeTitles, type VmCpuMode } from '#db/vm-spec.ts'
import { nameTaken } from '#db/vms.ts'
import { type NamedSecret, sealedSecrets } from '#db/secrets/sealed-secrets.ts'
import { neededImages } from './needed-images.ts'
import type { VmCreateInput } from './schemas.ts'

/** A statement whose connection dies in the wrong moment may never answer, and the next one waits for it. */
const insertTimeoutMs = 10_000

/** Bounds how long one statement holds the names it takes. */
const maxVmsPerStatement = 64

/** A VM to be made, as the statement reads it. */
interface VmToMake extends Omit<VmCreateInput, 'secrets'> {
  id: string
  operationId: string
  /** What a node that can run it has in `cpu_modes`. */
  cpuModes: { mode: VmCpuMode; supported: boolean }[]
  neededImages: ReturnType<typeof neededImages>
  /** Null where it has none. */
  secrets: NamedSecret[] | null
}

/**
 * How many of the images that it needs a node is known to have; asks nothing for a VM without images. One look into the
 * index for each: a join would read all images of all nodes.
 */
const imagesOnNode = sql`
  case when "neededImages" is null then 0 else (
    select count((
      select 1 from images
      where node_id = nodes.id and images.name = needed.name and (format = 'iso') = needed.iso))
    from jsonb_to_recordset("neededImages") as needed (name text, iso boolean)
  ) end`

/**
 * For each VM: picks the node, makes the VM and records the operation; no row when no node will do or the name is taken.
 * Names are taken in their order: two statements that want the same names would otherwise wait for each other.
 */
const buildInsertVms = (drizzle: Drizzle) => {
  const wanted = drizzle.$with('wanted', {}).as(sql`
    select * from jsonb_to_recordset(${sql.placeholder('wanted')}::jsonb)
      as item (id uuid, "operationId" uuid, name text, description text, labels jsonb, spec jsonb, "cpuModes" jsonb,
        "neededImages" jsonb, secrets jsonb)`)
  const { id, message, tscFrequencyHz, createdAt } = vms
  const vm = drizzle.$with('vm', { id, message, tscFrequencyHz, createdAt }).as(sql`
    insert into vms (id, name, description, labels, node_id, spec, state, message, tsc_frequency_hz)
    select wanted.id, wanted.name, description, labels, node.id, spec, 'CREATING', ${waitsForNode('node', 'the VM is made')},
      case when "pinnedTsc" then node.tsc_frequency_hz end
    from wanted
    cross join lateral (select coalesce((spec #>> '{cpu,pinnedTsc}')::boolean, false) as "pinnedTsc") clock
    cross join lateral (
      select id, name, silent_since, tsc_frequency_hz from nodes
      where cpu_modes @> wanted."cpuModes" and memory_mib >= coalesce(wanted.spec #>> '{memory,maxSizeMib}', wanted.spec #>> '{memory,sizeMib}')::integer
        and (tsc_frequency_hz is not null or not "pinnedTsc")
      order by ${imagesOnNode} desc, last_seen_at desc limit 1) node
    order by wanted.name
    on conflict (name) do nothing
    returning id, node_id, message, tsc_frequency_hz, created_at`)
  const operation = recordOperations(
    drizzle,
    sql`
    select "operationId", 'vm.create', vm.id, vm.node_id, jsonb_build_object('vmId', vm.id), 'user'::event_actor
    from vm join wanted on wanted.id = vm.id`,
  )
  const secret = drizzle.$with('secret', { vmId: vmSecrets.vmId }).as(sql`
    insert into vm_secrets (vm_id, name, key_id, nonce, ciphertext)
    select vm.id, sealed.*
    from vm join wanted on wanted.id = vm.id cross join lateral jsonb_to_recordset(secrets)
      as sealed (name text, "keyId" text, nonce text, ciphertext text)
    returning vm_id`)
  return drizzle
    .with(wanted, vm, operation, secret)
    .select()
    .from(vm)
    .innerJoin(operation, eq(operation.vmId, vm.id))
    .prepare('vms_create')
}

/** Makes a VM, together with those that are asked for meanwhile; undefined where the statement made nothing. */
const insertVm = hotStatement((drizzle) => {
  const statement = buildInsertVms(drizzle)
  const insert = async (wanted: VmToMake[]) => {
    const made = await withinDeadline(statement.execute({ wanted: JSON.stringify(wanted) }), insertTimeoutMs)
    const byId = new Map(made.map((row) => [row.vm.id, row]))
    return wanted.map(({ id }) => byId.get(id))
  }
  return gather(async (wanted: VmToMake[]) => {
    try {
      return await insert(wanted)
    } catch (error) {
      if (wanted.length === 1 || databaseOutage(error)) throw error
      // One that the database does not take must not fail the others.
      return wanted.map(async (one) => (await insert([one]))[0])
    }
  }, maxVmsPerStatement)
})

/**
 * Makes a VM and the operation that builds it, in one statement, on the node seen last of those that can run it and
 * that have the most of its images.
 * Throws `already_exists` for a name that is taken, `failed_precondition` when no node can run it and `unavailable`
 * when there is no node.
 */
export async function createVm(deps: Deps, wanted: VmCreateInput): Promise<Begun> {
  const id = deps.newId()
  const cpuModes = [{ mode: wanted.spec.cpuMode, supported: true }]
  const { secrets, ...shown } = wanted
  const made = await insertVm(deps.database)({
    ...shown,
    secrets: await sealedSecrets(deps.secretBox, id, secrets),
    id,
    operationId: deps.newId(),
    cpuModes,
    neededImages: neededImages(shown.spec),
  })
  if (!made) throw await refusal(deps.database, wanted)
  const { operation } = made
  const { message, createdAt, tscFrequencyHz } = made.vm
  ring(deps, operation)
  // What was written is known: reading it back would cost the database a tenth of the statement.
  const vm = {
    ...newVm,
    ...shown,
    id,
    nodeId: operation.nodeId,
    message,
    tscFrequencyHz,
    createdAt,
    updatedAt: createdAt,
  }
  return { vm, operation, snapshots: noSnapshots, begun: operation }
}

/** Why the statement made nothing. */
async function refusal(database: Database, { name, spec }: VmCreateInput): Promise<AppError> {
  const { drizzle } = database
  const { cpuMode, cpu, memory } = spec
  const taken = await nameTaken(database, name)
  if (taken) return taken
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
  const pinning = cpu.pinnedTsc ? able.filter(({ tscFrequencyHz }) => tscFrequencyHz !== null) : able
  if (pinning.length === 0) {
    return new AppError(
      'failed_precondition',
      `No node that can run the VM says what the frequency of its time stamp counter is, so it cannot be pinned. Leave out spec.cpu.pinnedTsc.`,
      { reason: 'TSC_FREQUENCY_UNKNOWN', details: { nodeIds: able.map(({ id }) => id) } },
    )
  }
  const largest = pinning.reduce((a, b) => (b.memoryMib > a.memoryMib ? b : a))
  const requestedMib = memory.maxSizeMib ?? memory.sizeMib
  if (largest.memoryMib < requestedMib) {
    return new AppError(
      'failed_precondition',
      `No node has ${requestedMib} MiB of memory. The largest that can run the VM, ${largest.name}, has ${largest.memoryMib} MiB.`,
      {
        reason: 'NODE_MEMORY_TOO_SMALL',
        details: { requestedMib, nodeId: largest.id, nodeMemoryMib: largest.memoryMib },
      },
    )
  }
  return changedMeanwhile()
}
