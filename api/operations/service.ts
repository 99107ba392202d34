import { and, desc, eq, lt } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { type OperationRow, operations } from '#db/schema/operation.ts'

/** The newest operations, of one VM or image where it is given; one row more than the limit where there is one. */
export const listOperations = (
  { drizzle }: Database,
  { limit, cursor, vmId, imageId }: PageQuery & { vmId?: string | undefined; imageId?: string | undefined },
): Promise<OperationRow[]> =>
  drizzle
    .select()
    .from(operations)
    .where(
      and(
        vmId ? eq(operations.vmId, vmId) : undefined,
        imageId ? eq(operations.imageId, imageId) : undefined,
        cursor ? lt(operations.id, cursor) : undefined,
      ),
    )
    .orderBy(desc(operations.id))
    .limit(limit + 1)

export const operationNotFound = (id: string): AppError =>
  new AppError('not_found', `Operation ${id} does not exist.`, { reason: 'OPERATION_NOT_FOUND' })
