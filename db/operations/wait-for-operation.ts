import { eq, sql } from 'drizzle-orm'
import { type Database, hotStatement } from '#db/client.ts'
import { type Patience, pauseAfter } from '#db/pause-after.ts'
import { type OperationRow, type OperationStatus, operations } from '#db/schema/operation.ts'

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

/** Whether nothing of it changes any more. */
export const isDone = (status: OperationStatus): boolean => status === 'succeeded' || status === 'failed'

/** A look costs the database a fifth of a millisecond. */
const patience: Patience = { shortestMs: 2, longestMs: 500, inVain: 0.05 }

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

interface WaitOptions {
  seconds: number
  signal: AbortSignal
  /** Ends after the time, or when it is worth another look. */
  pause?: (ms: number) => Promise<void>
}

/**
 * The operation once it is done, or as it is when the time is up or the caller has gone; null when there is none.
 * It looks again and again instead of listening, so that it works where no connection outlives a request.
 */
export async function waitForOperation(
  database: Database,
  operationId: string,
  { seconds, signal, pause = delay }: WaitOptions,
): Promise<OperationRow | null> {
  const begin = Date.now()
  for (;;) {
    const operation = await findOperation(database, operationId)
    const waitedMs = Date.now() - begin
    const leftMs = seconds * 1000 - waitedMs
    if (operation === null || isDone(operation.status) || leftMs <= 0 || signal.aborted) return operation
    await pause(Math.min(pauseAfter(waitedMs, patience), leftMs))
  }
}
