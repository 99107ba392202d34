import { sql } from 'drizzle-orm'
import { type Database, hotStatement } from '#db/client.ts'
import { type OperationProgress, operations } from '#db/schema/operation.ts'
import { type Claim, claimPlaceholders, isCurrent, SupersededError } from './fence.ts'

const writeProgress = hotStatement((db) =>
  db
    .update(operations)
    .set({ progress: sql`${sql.placeholder('progress')}::jsonb` })
    .where(isCurrent(db, claimPlaceholders))
    .returning({ cancelRequestedAt: operations.cancelRequestedAt })
    .prepare('write_progress'),
)

/** Writes down how far an operation is, and says whether its end was asked for. Throws SupersededError. */
export async function reportProgress(
  db: Database,
  claim: Claim,
  progress: OperationProgress,
): Promise<{ cancelRequested: boolean }> {
  const [written] = await writeProgress(db).execute({ ...claim, progress: JSON.stringify(progress) })
  if (!written) throw new SupersededError(claim.operationId)
  return { cancelRequested: written.cancelRequestedAt !== null }
}
