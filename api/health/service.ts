import type { z } from '@hono/zod-openapi'
import type { Deps } from '#api/deps.ts'
import type { readinessSchema } from './schemas.ts'

/** Asks what requests depend on. A queue that is away makes work late and loses none, but an API that cannot ring is not ready. */
export async function readiness({
  database,
  doorbell,
  queueBackend,
  log,
}: Deps): Promise<z.infer<typeof readinessSchema>> {
  const check = async (name: string, work: Promise<unknown>) => {
    try {
      await work
      return 'ok' as const
    } catch (error) {
      log.warn({ err: error, check: name }, 'not ready')
      return 'failed' as const
    }
  }
  // Reads a table, so that a database without ours is not ready either.
  const [databaseStatus, queueStatus] = await Promise.all([
    check('database', database.sql`select from vms limit 0`),
    check('queue', doorbell.check()),
  ])
  return {
    status: databaseStatus === 'ok' && queueStatus === 'ok' ? 'ready' : 'unavailable',
    checks: {
      database: { status: databaseStatus, backend: 'postgres' },
      queue: { status: queueStatus, backend: queueBackend },
    },
  }
}
