import { and, eq, sql } from 'drizzle-orm'
import { type Database, hotStatement } from '#db/client.ts'
import type { ErrorRecord } from '#db/errors.ts'
import { operations } from '#db/schema/operation.ts'
import { storagePools } from '#db/schema/storage-pool.ts'
import { vms } from '#db/schema/vm.ts'
import { type Claim, claimPlaceholders, isCurrent, SupersededError } from './fence.ts'

const writeStep = hotStatement((db) =>
  db
    .update(operations)
    .set({
      steps: sql`${operations.steps} || jsonb_build_object(${sql.placeholder('step')}::text, ${sql.placeholder('output')}::jsonb)`,
    })
    .where(isCurrent(db, claimPlaceholders))
    .returning({ id: operations.id })
    .prepare('write_step'),
)

/** Writes down that a step is done, and what it found or made. Throws SupersededError. */
export async function recordStep(db: Database, claim: Claim, step: { name: string; output: unknown }): Promise<void> {
  const output = JSON.stringify(step.output ?? null)
  const written = await writeStep(db).execute({ ...claim, step: step.name, output })
  if (written.length === 0) throw new SupersededError(claim.operationId)
}

/** From here on the operation can only fail: what it did is being removed. Throws SupersededError. */
export async function beginUndo(db: Database, claim: Claim, error: ErrorRecord): Promise<void> {
  const written = await db.drizzle
    .update(operations)
    .set({ status: 'undoing', error })
    .where(isCurrent(db.drizzle, claim))
    .returning({ id: operations.id })
  if (written.length === 0) throw new SupersededError(claim.operationId)
}

/**
 * Puts an operation down, to be claimed again after the delay; its finished steps stay done. A `message` tells the
 * users of its VM, or of a pool that is being made, why they wait. Throws SupersededError.
 */
export async function release(
  db: Database,
  claim: Claim,
  { delayMs, message }: { delayMs: number; message?: string },
): Promise<void> {
  const released = db.drizzle.$with('released').as(
    db.drizzle
      .update(operations)
      .set({
        status: sql`case when ${operations.status} = 'undoing' then 'undoing'::operation_status else 'queued' end`,
        epoch: 0,
        notBefore: sql`now() + ${delayMs} * interval '1 millisecond'`,
      })
      .where(isCurrent(db.drizzle, claim))
      .returning({ vmId: operations.vmId, storagePoolId: operations.storagePoolId }),
  )
  const told = db.drizzle
    .$with('told')
    .as(
      db.drizzle
        .update(vms)
        .set({ message, updatedAt: sql`now()` })
        .from(released)
        .where(eq(vms.id, released.vmId))
        .returning({ id: vms.id }),
    )
  // What one that is there lacks, its node says.
  const isBeingMade = and(eq(storagePools.id, released.storagePoolId), eq(storagePools.state, 'CREATING'))
  const toldOfPool = db.drizzle.$with('told_of_pool').as(
    db.drizzle
      .update(storagePools)
      .set({ problem: message ?? null })
      .from(released)
      .where(isBeingMade)
      .returning({ id: storagePools.id }),
  )
  const written = await db.drizzle
    .with(released, ...(message === undefined ? [] : [told, toldOfPool]))
    .select()
    .from(released)
  if (written.length === 0) throw new SupersededError(claim.operationId)
}
