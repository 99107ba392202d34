import { and, desc, eq, getTableColumns, lt } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import { getPool, type PoolPlace } from '#api/storage-pools/service.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { recordedColumns, unfinished } from '#db/operations/record.ts'
import { operations } from '#db/schema/operation.ts'
import { storagePools } from '#db/schema/storage-pool.ts'
import { volumes } from '#db/schema/volume.ts'
import type { VolumeWithOperation } from './view.ts'

const select = ({ drizzle }: Database) =>
  drizzle
    .select({
      volume: { ...getTableColumns(volumes), nodeId: storagePools.nodeId, pool: storagePools.name },
      operation: recordedColumns,
    })
    .from(volumes)
    .innerJoin(storagePools, eq(storagePools.id, volumes.storagePoolId))
    .leftJoin(operations, and(eq(operations.volumeId, volumes.id), unfinished))

/** The volumes of a pool, newest first; one more than the limit where there is one. Throws `not_found` for the pool. */
export async function listVolumes(
  database: Database,
  place: PoolPlace,
  { limit, cursor }: PageQuery,
): Promise<VolumeWithOperation[]> {
  const { pool } = await getPool(database, place)
  return select(database)
    .where(and(eq(volumes.storagePoolId, pool.id), cursor ? lt(volumes.id, cursor) : undefined))
    .orderBy(desc(volumes.id))
    .limit(limit + 1)
}

/** A volume by the name that it has in its pool. */
export interface VolumePlace extends PoolPlace {
  volume: string
}

/** Throws `not_found`. */
export async function getVolume(database: Database, place: VolumePlace): Promise<VolumeWithOperation> {
  const { nodeId, pool, volume } = place
  const [found] = await select(database).where(
    and(eq(storagePools.nodeId, nodeId), eq(storagePools.name, pool), eq(volumes.name, volume)),
  )
  if (found) return found
  await getPool(database, place)
  throw new AppError(
    'not_found',
    `The storage pool ${pool} has no volume ${volume}. One that could not be made is gone; its operation says why.`,
    { reason: 'VOLUME_NOT_FOUND' },
  )
}
