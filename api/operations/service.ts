import { and, desc, eq, lt, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import type { PageQuery } from '#api/http/paging.ts'
import { type Database, hotStatement } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import type { RecordedOperation } from '#db/operations/record.ts'
import { type OperationRow, operations } from '#db/schema/operation.ts'

const byId = hotStatement((drizzle) =>
  drizzle
    .select()
    .from(operations)
    .where(eq(operations.id, sql.placeholder('id')))
    .prepare('operation_by_id'),
)

export async function findOperation(database: Database, id: string): Promise<OperationRow | null> {
  const [row] = await byId(database).execute({ id })
  return row ?? null
}

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

/** The refusal of a request that lost a race and would find things otherwise now. */
export const changedMeanwhile = (): AppError =>
  new AppError('aborted', 'Something else changed it at the same moment. Try again.', { reason: 'CHANGED_MEANWHILE' })

/** Wakes the worker after the answer. A ring that fails is repaired by a sweep, so it is only logged. */
export function ring({ doorbell, defer, log }: Deps, { id, kind, nodeId }: RecordedOperation): void {
  defer(
    doorbell.ring({ id, kind, nodeId }).catch((error: unknown) => {
      log.warn({ err: error, operation: { id, kind, nodeId } }, 'the doorbell did not ring; a sweep will')
    }),
  )
}
