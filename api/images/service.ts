import { and, desc, eq, lt } from 'drizzle-orm'
import type { PageQuery } from '#api/http/paging.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { unfinished } from '#db/operations/record.ts'
import { imageOperationColumns } from '#db/operations/record-image.ts'
import { images } from '#db/schema/image.ts'
import { operations } from '#db/schema/operation.ts'
import type { ImageWithOperation } from './view.ts'

const select = ({ drizzle }: Database) =>
  drizzle
    .select({ image: images, operation: imageOperationColumns })
    .from(images)
    .leftJoin(operations, and(eq(operations.imageId, images.id), unfinished))

/** Images newest first, of one node where one is given; one more than the limit where there is one. */
export const listImages = (
  database: Database,
  { limit, cursor, nodeId }: PageQuery & { nodeId?: string | undefined },
): Promise<ImageWithOperation[]> =>
  select(database)
    .where(and(cursor ? lt(images.id, cursor) : undefined, nodeId ? eq(images.nodeId, nodeId) : undefined))
    .orderBy(desc(images.id))
    .limit(limit + 1)

/** Throws `not_found`. */
export async function getImage(database: Database, id: string): Promise<ImageWithOperation> {
  const [found] = await select(database).where(eq(images.id, id))
  if (!found) throw imageNotFound(id)
  return found
}

export const imageNotFound = (id: string): AppError =>
  new AppError(
    'not_found',
    `Image ${id} does not exist. One whose import failed or was cancelled is gone; its operation says why.`,
    { reason: 'IMAGE_NOT_FOUND' },
  )
