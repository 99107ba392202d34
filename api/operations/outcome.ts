import type { Context } from 'hono'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { waitOf } from '#api/http/prefer.ts'
import { databaseOutage } from '#db/database-outage.ts'
import { errorRecord, storedError } from '#db/errors.ts'
import type { RecordedOperation } from '#db/operations/record.ts'
import { waitForOperation } from '#db/operations/wait-for-operation.ts'

const retryAfterSeconds = 1

/** An operation that a request began, and where its resource is. */
interface Accepted<Outcome> {
  operation: RecordedOperation
  location: string
  /** Reads the resource once the operation has succeeded. */
  read: () => Promise<Outcome>
}

/**
 * Sets the headers of an accepted operation and waits for it as long as `Prefer: wait=N` asks.
 * Null: it goes on. Throws its error when it failed.
 */
export async function outcomeOf<Outcome>(
  c: Context<ApiEnv>,
  { database, log }: Pick<Deps, 'database' | 'log'>,
  { operation, location, read }: Accepted<Outcome>,
): Promise<Outcome | null> {
  c.header('Location', location)
  c.header('Operation-Location', `/api/v1/operations/${operation.id}`)
  const seconds = waitOf(c.req.header('prefer'))
  if (seconds > 0) {
    c.header('Preference-Applied', `wait=${seconds}`)
    try {
      const ended = await waitForOperation(database, operation.id, { seconds, signal: c.req.raw.signal })
      if (ended?.status === 'failed') throw storedError(ended.error ?? errorRecord(null))
      if (ended?.status === 'succeeded') return await read()
    } catch (error) {
      // An answer of 503 would say that nothing was done.
      if (!databaseOutage(error)) throw error
      log.warn({ err: error, operation: { id: operation.id } }, 'an operation could not be waited for')
    }
  }
  c.header('Retry-After', String(retryAfterSeconds))
  return null
}
