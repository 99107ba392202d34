import type { Context } from 'hono'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { waitOf } from '#api/http/prefer.ts'
import { AppError, type ErrorRecord } from '#db/errors.ts'
import type { RecordedOperation } from '#db/operations/record.ts'
import { operationNotFound } from './service.ts'
import { waitForOperation } from './wait.ts'

const retryAfterSeconds = 1

/**
 * Sets the headers of an accepted operation and waits for it as long as `Prefer: wait=N` asks.
 * `true`: it succeeded; `false`: it goes on. Throws its error when it failed.
 */
export async function succeededMeanwhile(
  c: Context<ApiEnv>,
  { database }: Pick<Deps, 'database'>,
  operation: RecordedOperation,
  location: string,
): Promise<boolean> {
  c.header('Location', location)
  c.header('Operation-Location', `/api/v1/operations/${operation.id}`)
  const seconds = waitOf(c.req.header('prefer'))
  if (seconds > 0) {
    c.header('Preference-Applied', `wait=${seconds}`)
    const ended = await waitForOperation(database, operation.id, { seconds, signal: c.req.raw.signal })
    if (ended === null) throw operationNotFound(operation.id)
    if (ended.status === 'succeeded') return true
    if (ended.status === 'failed') throw failureOf(ended.error ?? { code: 'internal', message: 'Internal error' })
  }
  c.header('Retry-After', String(retryAfterSeconds))
  return false
}

const failureOf = ({ code, message, ...rest }: ErrorRecord): AppError => new AppError(code, message, rest)
