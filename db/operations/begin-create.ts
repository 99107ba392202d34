import { eq, sql } from 'drizzle-orm'
import { type Drizzle, hotStatement } from '#db/client.ts'
import { databaseOutage } from '#db/database-outage.ts'
import { withinDeadline } from '#db/deadline.ts'
import { gather } from '#db/gather.ts'
import { neededImages } from '#db/needed-images.ts'
import { newVm } from '#db/new-vm.ts'
import { noSnapshots } from '#db/rules/vm-refusal.ts'
import { type VmRow, vms } from '#db/schema/vm.ts'
import { vmSecrets } from '#db/schema/vm-secret.ts'
import { type GivenSecrets, type NamedSecret, sealedSecrets } from '#db/secrets/sealed-secrets.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import { waitsForNode } from '#db/silent-nodes.ts'
import type { VmCpuMode } from '#db/vm-spec.ts'
import { type BeginDependencies, ring } from './begin.ts'
import type { Begun } from './begin-action.ts'
import { type RecordedOperation, recordOperations } from './record.ts'

/** A statement whose connection dies in the wrong moment may never answer, and the next one waits for it. */
const insertTimeoutMs = 10_000

/** Bounds how long one statement holds the names it takes. */
const maxVmsPerStatement = 64

const bytesPerGib = 1024 ** 3

/** A VM that is asked for. */
export interface VmCreateRequest extends Pick<VmRow, 'id' | 'name' | 'description' | 'labels' | 'spec'> {
  /** The node that is to have it; null for any that can. */
  nodeId: string | null
  /** In clear. */
  secrets: GivenSecrets
}

/** A VM to be made, as the statement reads it. */
interface VmToMake extends Omit<VmCreateRequest, 'secrets'> {
  operationId: string
  /** What a node that can run it has in `cpu_modes`. */
  cpuModes: { mode: VmCpuMode; supported: boolean }[]
  neededImages: ReturnType<typeof neededImages>
  /** What its disks may come to take, where they say their size. */
  diskBytes: number
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
 * For each VM: picks the node, makes the VM and records the operation; no row when no node will do, or the name or id is taken.
 * Names are taken in their order: two statements that want the same names would otherwise wait for each other.
 */
const buildInsertVms = (drizzle: Drizzle) => {
  const wanted = drizzle.$with('wanted', {}).as(sql`
    select * from jsonb_to_recordset(${sql.placeholder('wanted')}::jsonb)
      as item (id uuid, "operationId" uuid, name text, description text, labels jsonb, spec jsonb, "nodeId" uuid,
        "cpuModes" jsonb, "neededImages" jsonb, "diskBytes" bigint, secrets jsonb)`)
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
        and (tsc_frequency_hz is not null or not "pinnedTsc") and (wanted."nodeId" is null or nodes.id = wanted."nodeId")
      order by ${imagesOnNode} desc, silent_since is null desc, coalesce(storage_free_bytes >= "diskBytes", true) desc,
        last_seen_at desc limit 1) node
    order by wanted.name
    on conflict do nothing
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

export interface CreateDependencies extends BeginDependencies {
  /** Seals what is stored of secrets. */
  secretBox: Pick<SecretBox, 'seal'>
}

/** A create that began. */
export interface BegunCreate extends Begun {
  begun: RecordedOperation
}

/**
 * Makes a VM and the operation that builds it, in one statement, on a node that can run it: of those with the most of
 * its images, one that answers, has room for all of its disks, and was seen last. Null where none can, or the name or id is taken.
 */
export async function beginCreate(deps: CreateDependencies, wanted: VmCreateRequest): Promise<BegunCreate | null> {
  const { secrets, ...shown } = wanted
  const made = await insertVm(deps.database)({
    ...shown,
    secrets: await sealedSecrets(deps.secretBox, wanted.id, secrets),
    operationId: deps.newId(),
    cpuModes: [{ mode: wanted.spec.cpuMode, supported: true }],
    neededImages: neededImages(wanted.spec),
    diskBytes: wanted.spec.disks.reduce((sum, { sizeGib = 0 }) => sum + sizeGib * bytesPerGib, 0),
  })
  if (!made) return null
  const { operation } = made
  const { message, createdAt, tscFrequencyHz } = made.vm
  ring(deps, operation)
  // What was written is known: reading it back would cost the database a tenth of the statement.
  const vm = {
    ...newVm,
    ...shown,
    nodeId: operation.nodeId,
    message,
    tscFrequencyHz,
    createdAt,
    updatedAt: createdAt,
  }
  return { vm, operation, snapshots: noSnapshots, begun: operation }
}
