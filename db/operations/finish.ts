import { sql } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import type { ErrorRecord } from '#db/errors.ts'
import { operations, type StepOutputs } from '#db/schema/operation.ts'
import { type Claim, isCurrent, SupersededError } from './fence.ts'
import { changeParts, type ResourceChange } from './resource-change.ts'
import type { OperationResult } from './result.ts'

/** Succeeded where there is no error. */
export interface Outcome {
  error: ErrorRecord | null
  change: ResourceChange
  result?: OperationResult | null
  /** Left out where no step was run. */
  steps?: StepOutputs
}

/** Ends an operation and says what became of its VM and snapshots, all in one statement. Throws SupersededError. */
export async function finish(
  db: Database,
  claim: Claim,
  { error, change, result = null, steps }: Outcome,
): Promise<void> {
  const { drizzle } = db
  const ended = drizzle.$with('ended').as(
    drizzle
      .update(operations)
      .set({ status: error ? 'failed' : 'succeeded', error, result, finishedAt: sql`now()`, ...(steps && { steps }) })
      .where(isCurrent(drizzle, claim))
      .returning({
        vmId: operations.vmId,
        imageId: operations.imageId,
        storagePoolId: operations.storagePoolId,
        volumeId: operations.volumeId,
        input: operations.input,
      }),
  )
  const written = await drizzle
    .with(ended, ...changeParts(drizzle, change))
    .select()
    .from(ended)
    // What changes has few shapes: PostgreSQL parses each once per connection.
    .prepare('finish')
    .execute()
  if (written.length === 0) throw new SupersededError(claim.operationId)
}
