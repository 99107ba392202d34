import { and, desc, eq, lt } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import { getNode } from '#api/nodes/service.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { recordedColumns, unfinished } from '#db/operations/record.ts'
import { operations } from '#db/schema/operation.ts'
import { storagePools } from '#db/schema/storage-pool.ts'
import type { PoolWithOperation } from './view.ts'

const select = ({ drizzle }: Database) =>
  drizzle
    .select({ pool: storagePools, operation: recordedColumns })
    .from(storagePools)
    .leftJoin(operations, and(eq(operations.storagePoolId, storagePools.id), unfinished))

/** The storage pools of a node, newest first; one more than the limit where there is one. Throws `not_found` for the node. */
export async function listPools(
  database: Database,
  nodeId: string,
  { limit, cursor }: PageQuery,
): Promise<PoolWithOperation[]> {
  await getNode(database, nodeId)
  return select(database)
    .where(and(eq(storagePools.nodeId, nodeId), cursor ? lt(storagePools.id, cursor) : undefined))
    .orderBy(desc(storagePools.id))
    .limit(limit + 1)
}

/** A storage pool by the name that it has on its node. */
export interface PoolPlace {
  nodeId: string
  pool: string
}

/** Throws `not_found`. */
export async function getPool(database: Database, { nodeId, pool }: PoolPlace): Promise<PoolWithOperation> {
  const [found] = await select(database).where(and(eq(storagePools.nodeId, nodeId), eq(storagePools.name, pool)))
  if (found) return found
  await getNode(database, nodeId)
  throw new AppError(
    'not_found',
    `The node has no storage pool ${pool}. One that could not be made is gone; its operation says why.`,
    { reason: 'POOL_NOT_FOUND' },
  )
}

/** The refusal of what an unfinished operation is in the way of. */
export const poolBusy = ({ pool, operation }: PoolWithOperation): AppError =>
  new AppError(
    'aborted',
    `The storage pool ${pool.name} is being ${pool.state === 'DELETING' ? 'deleted' : 'made'}: wait for its operation.`,
    { reason: 'OPERATION_IN_PROGRESS', details: { operationId: operation?.id, kind: operation?.kind } },
  )
