import { and, desc, eq, lt } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import type { Database } from '#db/client.ts'
import { type ImageRow, images } from '#db/schema/image.ts'

/** Images newest first, of one node where one is given; one more than the limit where there is one. */
export const listImages = (
  { drizzle }: Database,
  { limit, cursor, nodeId }: PageQuery & { nodeId?: string | undefined },
): Promise<ImageRow[]> =>
  drizzle
    .select()
    .from(images)
    .where(and(cursor ? lt(images.id, cursor) : undefined, nodeId ? eq(images.nodeId, nodeId) : undefined))
    .orderBy(desc(images.id))
    .limit(limit + 1)
