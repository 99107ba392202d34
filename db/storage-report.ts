import { and, eq, inArray, sql } from 'drizzle-orm'
import { type Database, hotStatement } from './client.ts'
import type { Claimant } from './operations/claim.ts'
import { nodeIsCurrent } from './operations/fence.ts'
import { type StoragePoolRow, storagePools } from './schema/storage-pool.ts'
import { type VolumeRow, volumes } from './schema/volume.ts'

/** A storage pool as its node has it. */
export type SeenPool = Pick<
  StoragePoolRow,
  'name' | 'source' | 'active' | 'problem' | 'mountPath' | 'capacityBytes' | 'allocationBytes' | 'availableBytes'
>

/** A volume as its node has it. */
export type SeenVolume = Pick<
  VolumeRow,
  'name' | 'format' | 'sizeBytes' | 'allocationBytes' | 'vmId' | 'snapshotOf'
> & {
  pool: string
}

const { id, name, source, active, problem, mountPath, capacityBytes, availableBytes } = storagePools

const poolsOfNode = hotStatement((db) =>
  db
    .select({
      id,
      name,
      source,
      active,
      problem,
      mountPath,
      capacityBytes,
      allocationBytes: storagePools.allocationBytes,
      availableBytes,
    })
    .from(storagePools)
    .where(and(eq(storagePools.nodeId, sql.placeholder('nodeId')), eq(storagePools.state, 'READY')))
    .prepare('storage_pools_of_node'),
)

const volumesOfNode = hotStatement((db) =>
  db
    .select({
      id: volumes.id,
      pool: storagePools.name,
      name: volumes.name,
      format: volumes.format,
      sizeBytes: volumes.sizeBytes,
      allocationBytes: volumes.allocationBytes,
      vmId: volumes.vmId,
      snapshotOf: volumes.snapshotOf,
    })
    .from(volumes)
    .innerJoin(storagePools, eq(storagePools.id, volumes.storagePoolId))
    .where(and(eq(storagePools.nodeId, sql.placeholder('nodeId')), eq(volumes.state, 'READY')))
    .prepare('volumes_of_node'),
)

/** What is known of a node's storage, but for what an operation is at work on. */
export async function findStorage(db: Database, nodeId: string) {
  const [pools, volumes] = await Promise.all([
    poolsOfNode(db).execute({ nodeId }),
    volumesOfNode(db).execute({ nodeId }),
  ])
  return { pools, volumes }
}

export interface StorageChanges {
  pools: readonly (SeenPool & { id: string })[]
  volumes: readonly (SeenVolume & { id: string })[]
  gonePoolIds: readonly string[]
  goneVolumeIds: readonly string[]
}

/** Writes what differs; a new one has an id of its own. What an operation began with meanwhile is the operation's. Does nothing when a newer worker has the node. */
export async function recordStorage(
  { drizzle }: Database,
  node: Claimant,
  { pools, volumes: changed, gonePoolIds, goneVolumeIds }: StorageChanges,
): Promise<void> {
  const current = nodeIsCurrent(drizzle, node)
  const gonePools = drizzle.$with('gone_pools').as(
    drizzle
      .delete(storagePools)
      .where(and(inArray(storagePools.id, [...gonePoolIds]), eq(storagePools.state, 'READY'), current))
      .returning({ id: storagePools.id }),
  )
  const goneVolumes = drizzle.$with('gone_volumes').as(
    drizzle
      .delete(volumes)
      .where(and(inArray(volumes.id, [...goneVolumeIds]), eq(volumes.state, 'READY'), current))
      .returning({ id: volumes.id }),
  )
  const writtenPools = drizzle.$with('written_pools', { id: storagePools.id, name: storagePools.name }).as(sql`
    insert into storage_pools (id, node_id, name, source, active, problem, mount_path, capacity_bytes, allocation_bytes, available_bytes)
    select id, ${node.nodeId}::uuid, name, source, active, problem, "mountPath", "capacityBytes", "allocationBytes", "availableBytes"
    from jsonb_to_recordset(${JSON.stringify(pools)}::jsonb) as item (id uuid, name text, source jsonb, active boolean, problem text,
      "mountPath" text, "capacityBytes" bigint, "allocationBytes" bigint, "availableBytes" bigint)
    where ${current}
    on conflict (node_id, name) do update set source = excluded.source, active = excluded.active, problem = excluded.problem,
      mount_path = excluded.mount_path, capacity_bytes = excluded.capacity_bytes, allocation_bytes = excluded.allocation_bytes,
      available_bytes = excluded.available_bytes
      where storage_pools.state = 'READY'
    returning id, name`)
  // A volume of a pool that is new here comes with the next look: its pool's row is not to be seen in this statement.
  const writtenVolumes = drizzle.$with('written_volumes', { id: volumes.id }).as(sql`
    insert into volumes (id, storage_pool_id, name, format, size_bytes, allocation_bytes, vm_id, snapshot_of)
    select item.id, pool.id, item.name, format, "sizeBytes", "allocationBytes", "vmId", "snapshotOf"
    from jsonb_to_recordset(${JSON.stringify(changed)}::jsonb) as item (id uuid, pool text, name text, format text,
      "sizeBytes" bigint, "allocationBytes" bigint, "vmId" uuid, "snapshotOf" text)
    join storage_pools pool on pool.name = item.pool and pool.node_id = ${node.nodeId}::uuid and pool.state = 'READY'
    where ${current}
    on conflict (storage_pool_id, name) do update set format = excluded.format, size_bytes = excluded.size_bytes,
      allocation_bytes = excluded.allocation_bytes, vm_id = excluded.vm_id, snapshot_of = excluded.snapshot_of
      where volumes.state = 'READY'
    returning id`)
  await drizzle.with(gonePools, goneVolumes, writtenPools, writtenVolumes).select({ one: sql`1` }).from(writtenPools)
}
