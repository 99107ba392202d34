import { eq, sql } from 'drizzle-orm'
import { type Database, hotStatement } from '#db/client.ts'
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

/** Shortest and longest pause between two looks, milliseconds; a look costs the database a fifth of a millisecond. */
const shortestPauseMs = 2
const longestPauseMs = 500
/** Who waited for a while waits so much longer in vain at most. */
const inVain = 0.05

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
    const pauseMs = Math.min(Math.max(waitedMs * inVain, shortestPauseMs), longestPauseMs, leftMs)
    await pause(pauseMs)
  }
}
