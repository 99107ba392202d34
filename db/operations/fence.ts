import { and, eq, exists, inArray, type Placeholder, sql } from 'drizzle-orm'
import type { Drizzle } from '#db/client.ts'
import { nodes } from '#db/schema/node.ts'
import { operations } from '#db/schema/operation.ts'

/** One attempt at an operation, by one worker. Every write names it, and is refused when it is no longer the current one. */
export interface Claim {
  operationId: string
  nodeId: string
  attempt: number
  epoch: number
}

/** Another attempt, or another worker of the node, has taken the operation over: whoever holds this claim drops the work. */
export class SupersededError extends Error {
  constructor(operationId: string) {
    super(`Operation ${operationId} was taken over`)
    this.name = 'SupersededError'
  }
}

type Terms = { [Key in keyof Claim]: Claim[Key] | Placeholder }

/** The claim's terms in a statement that is prepared before there is a claim. */
export const claimPlaceholders = {
  operationId: sql.placeholder('operationId'),
  nodeId: sql.placeholder('nodeId'),
  attempt: sql.placeholder('attempt'),
  epoch: sql.placeholder('epoch'),
} as const

/** True of the operation's row while the claim is current. */
export const isCurrent = (db: Drizzle, claim: Terms) =>
  and(
    eq(operations.id, claim.operationId),
    eq(operations.attempt, claim.attempt),
    eq(operations.epoch, claim.epoch),
    inArray(operations.status, ['running', 'undoing']),
    nodeIsCurrent(db, claim),
  )

/** True while no newer worker has taken the node over. */
export const nodeIsCurrent = (db: Drizzle, { nodeId, epoch }: Pick<Terms, 'nodeId' | 'epoch'>) =>
  exists(
    db
      .select({ one: sql`1` })
      .from(nodes)
      .where(and(eq(nodes.id, nodeId), eq(nodes.epoch, epoch))),
  )
