import { and, eq, isNotNull } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { changedMeanwhile, ring } from '#db/operations/begin.ts'
import { unfinished } from '#db/operations/record.ts'
import { recordPoolDelete } from '#db/operations/record-storage.ts'
import { operations } from '#db/schema/operation.ts'
import type { StoragePoolRow } from '#db/schema/storage-pool.ts'
import { volumes } from '#db/schema/volume.ts'
import { getPool, type PoolPlace, poolBusy } from './service.ts'

const listedMax = 100

/** Begins to take a storage pool off its node. Throws why it cannot be: it is made or deleted, or a VM or an operation uses one of its volumes. */
export async function deletePool(deps: Deps, place: PoolPlace) {
  const { pool } = await getPool(deps.database, place)
  const found = await recordPoolDelete(deps.database, {
    operationId: deps.newId(),
    storagePoolId: pool.id,
    name: pool.name,
  })
  if (found) {
    ring(deps, found.operation)
    return { pool: found.deleting, operation: found.operation }
  }
  const now = await getPool(deps.database, place)
  if (now.pool.state !== 'READY') throw poolBusy(now)
  throw (await inUse(deps.database, now.pool)) ?? changedMeanwhile()
}

async function inUse({ drizzle }: Database, pool: StoragePoolRow): Promise<AppError | null> {
  const inPool = eq(volumes.storagePoolId, pool.id)
  const used = await drizzle
    .select({ volume: volumes.name, vmId: volumes.vmId })
    .from(volumes)
    .where(and(inPool, isNotNull(volumes.vmId)))
    .limit(listedMax)
  const busy = await drizzle
    .select({ volume: volumes.name, operationId: operations.id, kind: operations.kind })
    .from(volumes)
    .innerJoin(operations, and(eq(operations.volumeId, volumes.id), unfinished))
    .where(inPool)
    .limit(listedMax)
  const [first] = [...used, ...busy]
  if (!first) return null
  return new AppError(
    'failed_precondition',
    `The storage pool ${pool.name} is in use: volume ${first.volume} is ${used.length > 0 ? 'a disk of a VM' : 'worked on'}. Detach its volumes and wait for its operations first.`,
    { reason: 'POOL_IN_USE', details: { volumes: used, operations: busy } },
  )
}
