import { eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { type Database, type Drizzle, hotStatement } from '#db/client.ts'
import { storagePools } from '#db/schema/storage-pool.ts'
import { volumes } from '#db/schema/volume.ts'
import type { SealedSecret } from '#db/secrets/secret-box.ts'
import type { OperationInput } from './catalog.ts'
import { recordedColumns, recordValues } from './record.ts'

/** A volume with its place. */
const placedVolume = {
  ...getTableColumns(volumes),
  nodeId: storagePools.nodeId,
  pool: sql<string>`pool`.as('pool'),
}

/** The part `operation` of a statement: records an operation on the one row that the condition leaves of another part. */
const recordOn = (drizzle: Drizzle, subject: 'storage_pool' | 'volume', { part, condition = sql`true` }: On) => {
  const id = sql.identifier(`${subject}_id`)
  const idInInput = subject === 'volume' ? 'volumeId' : 'storagePoolId'
  return drizzle.$with('operation', recordedColumns).as(sql`
    insert into operations (id, kind, ${id}, node_id, input, actor)
    select ${sql.placeholder('operationId')}::uuid, ${sql.placeholder('kind')}, part.id, part.node_id,
      ${sql.placeholder('input')}::jsonb || jsonb_build_object(${sql.raw(`'${idInInput}'`)}, part.id), ${sql.placeholder('actor')}::event_actor
    from ${sql.identifier(part)} as part where ${condition}
    on conflict do nothing
    returning operations.id, kind, status, node_id, input, ${id} as subject_id`)
}

interface On {
  part: string
  condition?: SQL
}

const insertPool = hotStatement((drizzle) => {
  const pool = drizzle.$with('pool', getTableColumns(storagePools)).as(sql`
    insert into storage_pools (id, node_id, name, state, source, secret)
    select ${sql.placeholder('storagePoolId')}::uuid, nodes.id, ${sql.placeholder('name')}, 'CREATING',
      ${sql.placeholder('source')}::jsonb, ${sql.placeholder('secret')}::jsonb
    from nodes where id = ${sql.placeholder('nodeId')}::uuid
    on conflict (node_id, name) do nothing
    returning *`)
  const operation = recordOn(drizzle, 'storage_pool', { part: 'pool' })
  return drizzle
    .with(pool, operation)
    .select()
    .from(pool)
    .innerJoin(operation, sql`true`)
    .prepare('storage_pool_create')
})

interface NewPool extends OperationInput<'storage-pool.create'> {
  operationId: string
  nodeId: string
  secret: SealedSecret | null
}

/** Makes the row of a storage pool and the operation that makes the pool; undefined where there is no such node, or it has one of that name. */
export async function recordPoolCreate(db: Database, { operationId, nodeId, secret, ...input }: NewPool) {
  const [found] = await insertPool(db).execute({
    ...recordValues(operationId, 'storage-pool.create', input),
    storagePoolId: input.storagePoolId,
    nodeId,
    name: input.name,
    source: JSON.stringify(input.source),
    secret: secret && JSON.stringify(secret),
  })
  return found
}

const deletePool = hotStatement((drizzle) => {
  const pool = drizzle.$with('pool', getTableColumns(storagePools)).as(sql`
    select * from storage_pools where id = ${sql.placeholder('storagePoolId')}::uuid for update`)
  const operation = recordOn(drizzle, 'storage_pool', {
    part: 'pool',
    condition: sql`part.state = 'READY' and not exists (
      select from volumes where storage_pool_id = part.id and (state <> 'READY' or vm_id is not null
        or exists (select from operations where volume_id = volumes.id and status in ('queued', 'running', 'undoing'))))`,
  })
  const deleting = drizzle.$with('deleting', getTableColumns(storagePools)).as(sql`
    update storage_pools set state = 'DELETING' from operation where storage_pools.id = operation.subject_id
    returning storage_pools.*`)
  return drizzle
    .with(pool, operation, deleting)
    .select()
    .from(deleting)
    .innerJoin(operation, sql`true`)
    .prepare('storage_pool_delete')
})

/** Begins to take a storage pool off its node; undefined where its state, or one of its volumes, is against it. */
export async function recordPoolDelete(
  db: Database,
  { operationId, ...input }: OperationInput<'storage-pool.delete'> & { operationId: string },
) {
  const [found] = await deletePool(db).execute({
    ...recordValues(operationId, 'storage-pool.delete', input),
    storagePoolId: input.storagePoolId,
  })
  return found
}

const insertVolume = hotStatement((drizzle) => {
  const pool = drizzle.$with('pool', { id: storagePools.id }).as(sql`
    select id, node_id, name from storage_pools
    where id = ${sql.placeholder('storagePoolId')}::uuid and state = 'READY' for share`)
  const volume = drizzle.$with('volume', placedVolume).as(sql`
    insert into volumes (id, storage_pool_id, name, state)
    select ${sql.placeholder('volumeId')}::uuid, pool.id, ${sql.placeholder('name')}, 'CREATING' from pool
    on conflict (storage_pool_id, name) do nothing
    returning *, (select node_id from pool) as node_id, (select name from pool) as pool`)
  const operation = recordOn(drizzle, 'volume', { part: 'volume' })
  return drizzle
    .with(pool, volume, operation)
    .select()
    .from(volume)
    .innerJoin(operation, sql`true`)
    .prepare('volume_create')
})

type MakingKind = 'volume.create' | 'volume.snapshot'

interface NewVolume<K extends MakingKind> {
  operationId: string
  storagePoolId: string
  kind: K
  input: OperationInput<K>
}

/** Makes the row of a volume and the operation that makes it; undefined where its pool is not ready, or has one of that name. */
export async function recordVolume<K extends MakingKind>(
  db: Database,
  { operationId, storagePoolId, kind, input }: NewVolume<K>,
) {
  const { volumeId, name } = input
  const [found] = await insertVolume(db).execute({
    ...recordValues(operationId, kind, input),
    storagePoolId,
    volumeId,
    name,
  })
  return found
}

const changeVolume = (name: string, { next, condition }: { next: 'READY' | 'DELETING'; condition: SQL }) =>
  hotStatement((drizzle) => {
    const volume = drizzle.$with('volume', placedVolume).as(sql`
      select volumes.*, pool.node_id, pool.name as pool from volumes join storage_pools pool on pool.id = storage_pool_id
      where volumes.id = ${sql.placeholder('volumeId')}::uuid for update of volumes`)
    const operation = recordOn(drizzle, 'volume', {
      part: 'volume',
      condition: sql`part.state = 'READY' and ${condition} and not exists (
        select from operations where volume_id = part.id and status in ('queued', 'running', 'undoing'))`,
    })
    const changed = drizzle.$with('changed', { id: volumes.id, state: volumes.state }).as(sql`
      update volumes set state = ${next} from operation where volumes.id = operation.subject_id returning volumes.id, volumes.state`)
    return drizzle
      .with(volume, operation, changed)
      .select()
      .from(volume)
      .innerJoin(operation, sql`true`)
      .innerJoin(changed, eq(changed.id, volume.id))
      .prepare(name)
  })

const changes = {
  'volume.resize': changeVolume('volume_resize', { next: 'READY', condition: sql`true` }),
  'volume.delete': changeVolume('volume_delete', { next: 'DELETING', condition: sql`part.vm_id is null` }),
} as const

/** Begins a change of a volume; undefined where its state, its VM or another operation is against it. */
export async function recordVolumeChange<K extends keyof typeof changes>(
  db: Database,
  { operationId, kind, input }: { operationId: string; kind: K; input: OperationInput<K> },
) {
  const [found] = await changes[kind](db).execute({
    ...recordValues(operationId, kind, input),
    volumeId: input.volumeId,
  })
  return found && { volume: { ...found.volume, ...found.changed }, operation: found.operation }
}
