import { desc, eq, lt } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { type NodeRow, nodes } from '#db/schema/node.ts'

/** Throws `not_found`. */
export async function getNode({ drizzle }: Database, id: string): Promise<NodeRow> {
  const [found] = await drizzle.select().from(nodes).where(eq(nodes.id, id))
  if (found) return found
  throw new AppError('not_found', `Node ${id} does not exist.`, { reason: 'NODE_NOT_FOUND' })
}

/** Nodes in a fixed order; one more than the limit where there is one. */
export const listNodes = ({ drizzle }: Database, { limit, cursor }: PageQuery): Promise<NodeRow[]> =>
  drizzle
    .select()
    .from(nodes)
    .where(cursor ? lt(nodes.id, cursor) : undefined)
    .orderBy(desc(nodes.id))
    .limit(limit + 1)
