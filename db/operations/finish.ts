import { and, desc, eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Database, Drizzle } from '#db/client.ts'
import type { ErrorRecord } from '#db/errors.ts'
import { operations } from '#db/schema/operation.ts'
import { type SnapshotRow, snapshots } from '#db/schema/snapshot.ts'
import { type VmRow, vms } from '#db/schema/vm.ts'
import { type Claim, isCurrent, SupersededError } from './fence.ts'

/** What an operation's end writes beside its own row, in the same statement. */
export interface ResourceChange {
  vm?:
    | Partial<Pick<VmRow, 'state' | 'message' | 'effectiveCpu' | 'startedAt' | 'guestAgentConnected'>>
    | 'delete'
  /**
   * The snapshot in the operation's input. One that is taken takes the VM's current one as its parent, and is current then;
   * the children of one that is deleted become its parent's, and its parent current if it was.
   */
  snapshot?: SnapshotChange | 'delete'
  /** The snapshot in the input becomes the VM's current one. */
  reverted?: true
  /** The snapshot that what was current before a revert becomes (`keepAs` of the input), or its removal. */
  kept?: SnapshotChange | 'delete'
  /** Volumes of the VM's snapshots that have another name now. */
  movedVolumes?: readonly { from: string; to: string }[]
}

type SnapshotChange = Partial<Omit<SnapshotRow, 'id' | 'vmId' | 'name' | 'parentId' | 'createdAt'>>

/** Succeeded where there is no error. */
export interface Outcome {
  error: ErrorRecord | null
  change: ResourceChange
}

/** Ends an operation and says what became of its VM and snapshot, all in one statement. Throws SupersededError. */
export async function finish(db: Database, claim: Claim, { error, change }: Outcome): Promise<void> {
  const { drizzle } = db
  const ended = drizzle.$with('ended').as(
    drizzle
      .update(operations)
      .set({ status: error ? 'failed' : 'succeeded', error, finishedAt: sql`now()` })
      .where(isCurrent(drizzle, claim))
      .returning({ vmId: operations.vmId, input: operations.input }),
  )
  const changes = []
  if (change.vm === 'delete') {
    const isEnded = eq(vms.id, drizzle.select({ vmId: ended.vmId }).from(ended))
    changes.push(drizzle.$with('deleted_vm').as(drizzle.delete(vms).where(isEnded).returning({ id: vms.id })))
  } else if (change.vm) {
    const set = { ...change.vm, updatedAt: sql`now()` }
    const isEnded = eq(vms.id, ended.vmId)
    changes.push(
      drizzle.$with('changed_vm').as(drizzle.update(vms).set(set).from(ended).where(isEnded).returning({ id: vms.id })),
    )
  }
  if (change.snapshot) {
    const set = { ...change.snapshot, ...(change.snapshot.state === 'READY' && { parentId: newestReady(drizzle) }) }
    const isEnded = eq(snapshots.id, sql`(${ended.input} ->> 'snapshotId')::uuid`)
    changes.push(
      drizzle
        .$with('changed_snapshot')
        .as(drizzle.update(snapshots).set(set).from(ended).where(isEnded).returning({ id: snapshots.id })),
    )
  }
  const written = await drizzle
    .with(ended, ...changes)
    .select()
    .from(ended)
  if (written.length === 0) throw new SupersededError(claim.operationId)
}

/** Of the VM of the snapshot that is being updated. */
function newestReady(drizzle: Drizzle) {
  const older = alias(snapshots, 'older')
  const newest = drizzle
    .select({ id: older.id })
    .from(older)
    .where(and(eq(older.vmId, snapshots.vmId), eq(older.state, 'READY')))
    .orderBy(desc(older.takenAt), desc(older.id))
    .limit(1)
  return sql`(${newest})`
}
