import { and, asc, eq, lte, sql } from 'drizzle-orm'
import { type Database, hotStatement } from '#db/client.ts'
import { type OperationRow, operations } from '#db/schema/operation.ts'
import type { Doorbell } from './doorbell.ts'

/** A ring of a younger operation may still be on its way. */
const graceSeconds = 2

/** At most so many are rung at a time; the next sweep rings the others. */
const batchSize = 500

const forgotten = hotStatement((db) =>
  db
    .select({ id: operations.id, kind: operations.kind, nodeId: operations.nodeId })
    .from(operations)
    .where(
      and(
        eq(operations.status, 'queued'),
        lte(operations.notBefore, sql`now() - ${graceSeconds} * interval '1 second'`),
      ),
    )
    .orderBy(asc(operations.notBefore))
    .limit(batchSize)
    .prepare('forgotten_operations'),
)

/**
 * Rings again for operations that wait although they are due: their ring was lost, or nobody was there to hear it.
 * Safe to run at any time, anywhere, any number of times. Returns what it rang for; rejects with `unavailable` at the first
 * ring that fails.
 */
export async function ringForgotten(db: Database, doorbell: Doorbell): Promise<Pick<OperationRow, 'id'>[]> {
  const waiting = await forgotten(db).execute()
  for (const operation of waiting) await doorbell.ring(operation)
  return waiting
}
