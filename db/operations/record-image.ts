import { eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import { type Database, type Drizzle, hotStatement } from '#db/client.ts'
import { inputNames, specNames } from '#db/image-users.ts'
import { images } from '#db/schema/image.ts'
import { nodes } from '#db/schema/node.ts'
import { type OperationProgress, operations } from '#db/schema/operation.ts'
import type { OperationInput } from './catalog.ts'
import { recordedColumns, recordValues } from './record.ts'

/** What a request is answered with of an operation on an image. */
export const imageOperationColumns = { ...recordedColumns, progress: operations.progress }

/** The part `operation` of a statement: records an operation on the image that another part has. */
const recordOnImage = (drizzle: Drizzle, part: SQL) =>
  drizzle.$with('operation', imageOperationColumns).as(sql`
    insert into operations (id, kind, image_id, node_id, input, actor, progress)
    select ${sql.placeholder('operationId')}::uuid, ${sql.placeholder('kind')}, part.id, part.node_id,
      ${sql.placeholder('input')}::jsonb, ${sql.placeholder('actor')}::event_actor, ${sql.placeholder('progress')}::jsonb
    from ${part} as part
    returning id, kind, status, node_id, input, progress`)

const insertImage = hotStatement((drizzle) => {
  const node = drizzle.$with('node', { id: nodes.id }).as(sql`
    select id from nodes where id = coalesce(${sql.placeholder('nodeId')}::uuid, id)
    order by silent_since is not null, last_seen_at desc limit 1`)
  const image = drizzle.$with('image', getTableColumns(images)).as(sql`
    insert into images (id, node_id, name, state)
    select ${sql.placeholder('imageId')}::uuid, node.id, ${sql.placeholder('name')}, 'IMPORTING' from node
    on conflict (node_id, name) do nothing
    returning *`)
  const operation = recordOnImage(drizzle, sql`image`)
  return drizzle
    .with(node, image, operation)
    .select()
    .from(node)
    .leftJoin(image, sql`true`)
    .leftJoin(operation, sql`true`)
    .prepare('image_import')
})

interface WantedImage extends OperationInput<'image.import'> {
  operationId: string
  /** Undefined takes one that answers. */
  nodeId: string | undefined
}

/**
 * Makes the row of an image that is to be imported, and its operation. Undefined where there is no such node; without
 * `image` and `operation` where the node has an image of that name.
 */
export async function recordImageImport(db: Database, { operationId, nodeId, ...image }: WantedImage) {
  const { imageId, name, source } = image
  const totalBytes = 'upload' in source ? source.upload.sizeBytes : null
  const progress: OperationProgress = { doneBytes: 0, totalBytes, changedAt: new Date().toISOString() }
  const [found] = await insertImage(db).execute({
    ...recordValues(operationId, 'image.import', image),
    imageId,
    name,
    nodeId: nodeId ?? null,
    progress: JSON.stringify(progress),
  })
  return found
}

const deleteImage = hotStatement((drizzle) => {
  const image = drizzle.$with('image', getTableColumns(images)).as(sql`
    select * from images where id = ${sql.placeholder('imageId')}::uuid for update`)
  const deleting = drizzle.$with('deleting', getTableColumns(images)).as(sql`
    update images set state = 'DELETING' from image
    where images.id = image.id and image.state = 'READY'
      and not exists (select from vms where node_id = image.node_id and ${specNames(sql`spec`, sql`image.name`)})
      and not exists (
        select from operations where node_id = image.node_id and status in ('queued', 'running', 'undoing')
          and ${inputNames(sql`input`, sql`image.name`)})
    returning images.*`)
  const operation = recordOnImage(drizzle, sql`deleting`)
  return drizzle
    .with(image, deleting, operation)
    .select()
    .from(image)
    .leftJoin(deleting, eq(deleting.id, image.id))
    .leftJoin(operation, sql`true`)
    .prepare('image_delete')
})

/** Begins to delete an image that nothing names; without `operation` where something does, or its state is against it. */
export async function recordImageDelete(
  db: Database,
  { imageId, operationId, name }: { imageId: string; operationId: string; name: string },
) {
  const [found] = await deleteImage(db).execute({
    ...recordValues(operationId, 'image.delete', { imageId, name }),
    imageId,
    progress: null,
  })
  return found
}
