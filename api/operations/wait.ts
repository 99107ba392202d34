import type { Database } from '#db/client.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import { findOperation } from './service.ts'
import { isDone } from './view.ts'

/** First and longest pause between two looks, milliseconds. */
const firstPauseMs = 5
const longestPauseMs = 500
/** Who waited for a while waits so much longer in vain at most; a look costs the database a fifth of a millisecond. */
const growth = 1.1

/**
 * The operation once it is done, or as it is when the time is up or the caller has gone; null when there is none.
 * It looks again and again instead of listening, so that it works where no connection outlives a request.
 */
export async function waitForOperation(
  database: Database,
  operationId: string,
  options: { seconds: number; signal: AbortSignal },
): Promise<OperationRow | null> {
  const end = Date.now() + options.seconds * 1000
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * growth, longestPauseMs)) {
    const operation = await findOperation(database, operationId)
    const leftMs = end - Date.now()
    if (operation === null || isDone(operation.status) || leftMs <= 0 || options.signal.aborted) return operation
    await new Promise((resolve) => setTimeout(resolve, Math.min(pauseMs, leftMs)))
  }
}
