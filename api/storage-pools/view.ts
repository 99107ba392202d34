import type { z } from '@hono/zod-openapi'
import { operationRefView } from '#api/operations/view.ts'
import type { RecordedOperation } from '#db/operations/record.ts'
import type { StoragePoolRow } from '#db/schema/storage-pool.ts'
import type { storagePoolSchema } from './schemas.ts'

/** A storage pool with its unfinished operation, where it has one. */
export interface PoolWithOperation {
  pool: StoragePoolRow
  operation: RecordedOperation | null
}

/** A storage pool as the API shows it. */
export const storagePoolView = ({
  pool: { secret: _, ...pool },
  operation,
}: PoolWithOperation): z.infer<typeof storagePoolSchema> => ({
  ...pool,
  createdAt: pool.createdAt.toISOString(),
  ...(operation && { operation: operationRefView(operation) }),
})
