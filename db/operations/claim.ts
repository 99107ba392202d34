import { and, asc, eq, inArray, lt, lte, or, type SQL, sql } from 'drizzle-orm'
import { type Database, type Drizzle, hotStatement } from '#db/client.ts'
import { type OperationRow, operations } from '#db/schema/operation.ts'
import { type SnapshotRow, type SnapshotState, snapshotColumns, snapshots } from '#db/schema/snapshot.ts'
import { type VmRow, vms } from '#db/schema/vm.ts'
import { claimPlaceholders, nodeIsCurrent } from './fence.ts'

/** An operation that is now ours to run, with the rows it is about as they were at that moment. */
export interface ClaimedOperation {
  operation: OperationRow
  vm: VmRow | null
  /** The snapshot in its input. */
  snapshot: SnapshotRow | null
  /** The VM's snapshots that are on the node: those that are ready, and one that is being deleted. */
  snapshots: SnapshotRow[]
}

/** A worker of a node; an older epoch claims nothing. */
export interface Claimant {
  nodeId: string
  epoch: number
}

/** Nobody holds it: it waits, or whoever held it belonged to an older epoch, or put it down while undoing (epoch 0). */
const unheld = or(
  eq(operations.status, 'queued'),
  and(inArray(operations.status, ['running', 'undoing']), lt(operations.epoch, claimPlaceholders.epoch)),
)

/** A claim whose answer was lost is not made again before this: by then whoever got an answer has begun. */
const reclaimAfterSeconds = 30

/** Our own epoch claimed it, and its work never began: the claim's answer was lost on its way. */
const lost = and(
  inArray(operations.status, ['running', 'undoing']),
  eq(operations.epoch, claimPlaceholders.epoch),
  sql`${operations.id} <> all(${sql.placeholder('held')}::uuid[])`,
)

/** A stored time is rounded to the millisecond, so what was recorded just now may seem to be of the future. */
const due = and(
  eq(operations.nodeId, claimPlaceholders.nodeId),
  lte(operations.notBefore, sql`now() + interval '1 millisecond'`),
)

const onNode = ['READY', 'DELETING'] as const satisfies SnapshotState[]

function claimStatement(db: Drizzle, name: string, which: SQL | undefined) {
  const claimed = db.$with('claimed').as(
    db
      .update(operations)
      .set({
        status: sql`case when ${operations.status} = 'undoing' then 'undoing'::operation_status else 'running' end`,
        attempt: sql`${operations.attempt} + 1`,
        epoch: sql`${claimPlaceholders.epoch}`,
        notBefore: sql`now() + ${reclaimAfterSeconds} * interval '1 second'`,
        startedAt: sql`coalesce(${operations.startedAt}, now())`,
      })
      .where(and(due, nodeIsCurrent(db, claimPlaceholders), which))
      .returning(),
  )
  const found = db.select(snapshotColumns).from(snapshots).as('snapshots')
  return db
    .with(claimed)
    .select()
    .from(claimed)
    .leftJoin(vms, eq(vms.id, claimed.vmId))
    .leftJoin(
      found,
      and(
        eq(found.vmId, claimed.vmId),
        or(inArray(found.state, [...onNode]), sql`${found.id} = (${claimed.input} ->> 'snapshotId')::uuid`),
      ),
    )
    .prepare(name)
}

const claimOne = hotStatement((db) =>
  claimStatement(db, 'claim_one', and(eq(operations.id, sql.placeholder('operationId')), unheld)),
)

const claimMany = hotStatement((db) =>
  claimStatement(
    db,
    'claim_many',
    inArray(
      operations.id,
      db
        .select({ id: operations.id })
        .from(operations)
        .where(and(due, or(unheld, lost)))
        .orderBy(asc(operations.notBefore))
        .limit(sql.placeholder('limit'))
        .for('update', { skipLocked: true }),
    ),
  ),
)

/** Takes one operation. Null when there is nothing to take: it is held, finished, another node's, or waits for its time. */
export async function claim(
  db: Database,
  wanted: Claimant & { operationId: string },
): Promise<ClaimedOperation | null> {
  const [claimed] = claimedOperations(await claimOne(db).execute({ ...wanted }))
  return claimed ?? null
}

/**
 * Takes operations of the node that nobody holds, those longest due first. `held` are the operations whose work goes on
 * here: another one that this worker seems to hold was claimed, and the answer never came.
 */
export async function claimDue(
  db: Database,
  { held, ...wanted }: Claimant & { limit: number; held: Iterable<string> },
): Promise<ClaimedOperation[]> {
  const rows = await claimMany(db).execute({ ...wanted, held: `{${[...held].join(',')}}` })
  return claimedOperations(rows)
}

interface ClaimedRow {
  claimed: OperationRow
  vms: VmRow | null
  snapshots: SnapshotRow | null
}

/** One operation for its rows: it has one for each snapshot. */
function claimedOperations(rows: ClaimedRow[]): ClaimedOperation[] {
  const byId = Map.groupBy(rows, ({ claimed }) => claimed.id)
  return [...byId.values()].map((own) => {
    const [{ claimed, vms: vm }] = own as [ClaimedRow]
    const found = own.flatMap(({ snapshots: row }) => row ?? [])
    return claimedWith(claimed, vm, found)
  })
}

/** A claimed operation with its VM, and what of the VM's snapshots it works with. */
export const claimedWith = (
  operation: OperationRow,
  vm: VmRow | null,
  found: readonly SnapshotRow[],
): ClaimedOperation => ({
  operation,
  vm,
  snapshot: found.find(({ id }) => id === operation.input.snapshotId) ?? null,
  snapshots: found.filter(({ state }) => (onNode as readonly SnapshotState[]).includes(state)),
})
