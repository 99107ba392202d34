import { and, eq, gt, inArray, sql } from 'drizzle-orm'
import { type Database, hotStatement } from './client.ts'
import { type NodeRow, nodes } from './schema/node.ts'
import { operations } from './schema/operation.ts'

/** What a worker says of its node. */
export type NodeFacts = Omit<NodeRow, 'id' | 'epoch' | 'lastSeenAt' | 'silentSince' | 'createdAt'>

export async function findNode(db: Database, id: string): Promise<NodeRow | null> {
  const [node] = await db.drizzle.select().from(nodes).where(eq(nodes.id, id))
  return node ?? null
}

/** It answers: at this moment, and so it is not silent. */
const answers = { lastSeenAt: sql`now()`, silentSince: null }

/**
 * Takes a node over for a new worker, and returns the worker's epoch: from now on every write of an older one is
 * refused. What the older one left unfinished is due at once.
 */
export async function registerNode(db: Database, id: string, facts: NodeFacts): Promise<number> {
  const taken = db.drizzle.$with('taken').as(
    db.drizzle
      .insert(nodes)
      .values({ id, ...facts })
      .onConflictDoUpdate({
        target: nodes.id,
        set: { ...facts, epoch: sql`${nodes.epoch} + 1`, ...answers },
      })
      .returning({ id: nodes.id, epoch: nodes.epoch }),
  )
  const hurried = db.drizzle.$with('hurried').as(
    db.drizzle
      .update(operations)
      .set({ notBefore: sql`now()` })
      .where(
        and(
          eq(operations.nodeId, id),
          inArray(operations.status, ['queued', 'running', 'undoing']),
          gt(operations.notBefore, sql`now()`),
        ),
      )
      .returning({ id: operations.id }),
  )
  const [node] = await db.drizzle.with(taken, hurried).select().from(taken)
  if (!node) throw new Error(`Node ${id} was not written`)
  return node.epoch
}

/** Writes down what was found out since; false when a newer worker has the node. */
export async function updateNode(
  db: Database,
  { id, epoch }: Pick<NodeRow, 'id' | 'epoch'>,
  facts: Partial<NodeFacts>,
): Promise<boolean> {
  const written = await db.drizzle
    .update(nodes)
    .set({ ...facts, ...answers })
    .where(and(eq(nodes.id, id), eq(nodes.epoch, epoch)))
    .returning({ id: nodes.id })
  return written.length > 0
}

const touch = hotStatement((db) =>
  db
    .update(nodes)
    .set({ ...answers, storageFreeBytes: sql`${sql.placeholder('storageFreeBytes')}::bigint` })
    .where(and(eq(nodes.id, sql.placeholder('id')), eq(nodes.epoch, sql.placeholder('epoch'))))
    .returning({ id: nodes.id })
    .prepare('touch_node'),
)

/** Says that the worker lives, and what is free on its node now; false when a newer worker has the node. */
export async function heartbeat(
  db: Database,
  node: Pick<NodeRow, 'id' | 'epoch' | 'storageFreeBytes'>,
): Promise<boolean> {
  const written = await touch(db).execute({ ...node })
  return written.length > 0
}
