import { and, eq, inArray, sql } from 'drizzle-orm'
import { type Database, hotStatement } from './client.ts'
import type { Claimant } from './operations/claim.ts'
import { nodeIsCurrent } from './operations/fence.ts'
import { type ImageRow, images } from './schema/image.ts'

/** What a worker compares the files of its node with. */
export type KnownImage = Pick<ImageRow, 'name' | 'fingerprint' | 'sha256' | 'problem'>

/** A file as a worker saw it. */
export interface SeenImage extends Pick<ImageRow, 'id' | 'name' | 'format' | 'virtualSizeBytes' | 'problem'> {
  sizeBytes: number
  fingerprint: string
  modifiedAt: Date
}

/** What is on its way in or out is the operation's. */
const isReady = eq(images.state, 'READY')

const imagesOfNode = hotStatement((db) => {
  const { name, fingerprint, sha256, problem } = images
  return db
    .select({ name, fingerprint, sha256, problem })
    .from(images)
    .where(and(eq(images.nodeId, sql.placeholder('nodeId')), isReady))
    .prepare('images_of_node')
})

export const findImages = (db: Database, nodeId: string): Promise<KnownImage[]> => imagesOfNode(db).execute({ nodeId })

/**
 * Brings a node's catalogue up to date, in one statement: what changed, and the names that are gone. A checksum stays with
 * the content that it was made of. Does nothing when a newer worker has the node.
 */
export async function recordImages(
  { drizzle }: Database,
  node: Claimant,
  { changed, gone }: { changed: readonly SeenImage[]; gone: readonly string[] },
): Promise<void> {
  const removed = drizzle.$with('removed').as(
    drizzle
      .delete(images)
      .where(
        and(eq(images.nodeId, node.nodeId), inArray(images.name, [...gone]), isReady, nodeIsCurrent(drizzle, node)),
      )
      .returning({ id: images.id }),
  )
  const written = drizzle.$with('written', { id: images.id }).as(sql`
    insert into images (id, node_id, name, format, size_bytes, virtual_size_bytes, fingerprint, modified_at, problem)
    select id, ${node.nodeId}::uuid, name, format, "sizeBytes", "virtualSizeBytes", fingerprint, "modifiedAt", problem
    from jsonb_to_recordset(${JSON.stringify(changed)}::jsonb)
      as item (id uuid, name text, format text, "sizeBytes" bigint, "virtualSizeBytes" bigint, fingerprint text,
        "modifiedAt" timestamptz, problem jsonb)
    where ${nodeIsCurrent(drizzle, node)}
    on conflict (node_id, name) do update set
      format = excluded.format, size_bytes = excluded.size_bytes, virtual_size_bytes = excluded.virtual_size_bytes,
      sha256 = case when images.fingerprint = excluded.fingerprint then images.sha256 end,
      fingerprint = excluded.fingerprint, modified_at = excluded.modified_at, problem = excluded.problem
      where images.state = 'READY'
    returning id`)
  await drizzle.with(removed, written).select().from(written)
}

/** Writes down a file's checksum, unless the file was seen to be another since, or a newer worker has the node. */
export async function recordChecksum(
  { drizzle }: Database,
  node: Claimant,
  { name, fingerprint }: Pick<SeenImage, 'name' | 'fingerprint'>,
  sha256: string,
): Promise<void> {
  await drizzle
    .update(images)
    .set({ sha256 })
    .where(
      and(
        eq(images.nodeId, node.nodeId),
        eq(images.name, name),
        eq(images.fingerprint, fingerprint),
        nodeIsCurrent(drizzle, node),
      ),
    )
}
