import { and, eq, exists, sql } from 'drizzle-orm'
import { type Database, hotStatement } from './client.ts'
import { type Claim, claimPlaceholders, isCurrent, SupersededError } from './operations/fence.ts'
import { imageChunks } from './schema/image.ts'
import { type OperationProgress, operations } from './schema/operation.ts'

/**
 * The way of an upload from the api to the worker: one piece of each at a time, which the worker puts into the file before
 * the next one is taken. What `progress.doneBytes` of the operation says is in the file, and outlives a power cut.
 */

/** A piece of an image, and where it belongs. */
export interface ImageChunk {
  offsetBytes: number
  data: Uint8Array
}

/** Of one piece: each waits in the memory of the api, of PostgreSQL and of the worker. */
export const maxChunkBytes = 8 * 2 ** 20

/** Pieces of all uploads that may be on their way at a time; with the largest pieces a quarter of a GiB. */
const maxChunks = 32

const store = hotStatement((drizzle) => {
  const done = sql`(progress ->> 'doneBytes')::bigint`
  const total = sql`(progress ->> 'totalBytes')::bigint`
  const imageId = sql`${sql.placeholder('imageId')}::uuid`
  const offset = sql`${sql.placeholder('offsetBytes')}::bigint`
  const upload = drizzle.$with('upload', { id: operations.id, progress: operations.progress }).as(sql`
    select id, progress from operations
    where image_id = ${imageId} and status in ('queued', 'running') and cancel_requested_at is null
      and input #> '{source,upload}' is not null`)
  const stored = drizzle.$with('stored', { imageId: imageChunks.imageId }).as(sql`
    insert into image_chunks (image_id, offset_bytes, data)
    select ${imageId}, ${offset}, ${sql.placeholder('data')}::bytea from upload
    where ${done} = ${offset} and ${offset} + ${sql.placeholder('bytes')}::bigint <= ${total}
      and (select count(*) from image_chunks where image_id <> ${imageId}) < ${maxChunks}
    on conflict (image_id) do update set offset_bytes = excluded.offset_bytes, data = excluded.data
    returning image_id`)
  return drizzle
    .with(upload, stored)
    .select({ operationId: upload.id, progress: upload.progress, stored: sql<boolean>`exists (select from stored)` })
    .from(upload)
    .prepare('store_image_chunk')
})

/**
 * Hands a piece to the image's worker where it is the next one and there is room for it. Answers with how far the upload is
 * and whether the piece was taken; undefined where the image is not being uploaded.
 */
export async function storeChunk(
  db: Database,
  imageId: string,
  { offsetBytes, data }: ImageChunk,
): Promise<{ operationId: string; progress: OperationProgress; stored: boolean } | undefined> {
  const [found] = await store(db).execute({ imageId, offsetBytes, data, bytes: data.length })
  return found && { ...found, progress: found.progress as OperationProgress }
}

const find = hotStatement((drizzle) =>
  drizzle
    .select({
      cancelRequestedAt: operations.cancelRequestedAt,
      offsetBytes: imageChunks.offsetBytes,
      data: imageChunks.data,
    })
    .from(operations)
    .leftJoin(imageChunks, eq(imageChunks.imageId, operations.imageId))
    .where(isCurrent(drizzle, claimPlaceholders))
    .prepare('find_image_chunk'),
)

/** The piece that waits to be put into the file, if one does, and whether the end was asked for. Throws SupersededError. */
export async function findChunk(
  db: Database,
  claim: Claim,
): Promise<{ cancelRequested: boolean; chunk: ImageChunk | null }> {
  const [found] = await find(db).execute({ ...claim })
  if (!found) throw new SupersededError(claim.operationId)
  const { cancelRequestedAt, offsetBytes, data } = found
  const chunk = offsetBytes === null || data === null ? null : { offsetBytes, data }
  return { cancelRequested: cancelRequestedAt !== null, chunk }
}

const take = hotStatement((drizzle) => {
  const taken = drizzle.$with('taken').as(
    drizzle
      .update(operations)
      .set({ progress: sql`${sql.placeholder('progress')}::jsonb` })
      .where(isCurrent(drizzle, claimPlaceholders))
      .returning({ imageId: operations.imageId }),
  )
  const removed = drizzle.$with('removed').as(
    drizzle
      .delete(imageChunks)
      .where(
        and(
          eq(imageChunks.offsetBytes, sql.placeholder('offsetBytes')),
          exists(sql`(select from taken where image_id = ${imageChunks.imageId})`),
        ),
      )
      .returning({ imageId: imageChunks.imageId }),
  )
  return drizzle.with(taken, removed).select().from(taken).prepare('take_image_chunk')
})

/** Says how far the file is now, and drops the piece that was put into it, at once. Throws SupersededError. */
export async function takeChunk(
  db: Database,
  claim: Claim,
  { offsetBytes }: Pick<ImageChunk, 'offsetBytes'>,
  progress: OperationProgress,
): Promise<void> {
  const written = await take(db).execute({ ...claim, offsetBytes, progress: JSON.stringify(progress) })
  if (written.length === 0) throw new SupersededError(claim.operationId)
}
