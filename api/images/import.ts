import { and, eq } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { getNode } from '#api/nodes/service.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { changedMeanwhile, ring } from '#db/operations/begin.ts'
import { recordImageImport } from '#db/operations/record-image.ts'
import { images } from '#db/schema/image.ts'
import type { ImageImportInput } from './import-schema.ts'

/**
 * Begins to import an image. Throws `already_exists` where the node has one of that name, `not_found` for a node that does
 * not exist, `unavailable` where there is none.
 */
export async function importImage(deps: Deps, wanted: ImageImportInput) {
  const ids = { imageId: deps.newId(), operationId: deps.newId() }
  const { nodeId, ...image } = wanted
  const found = await recordImageImport(deps.database, { ...image, ...ids, nodeId })
  if (found?.image && found.operation) {
    ring(deps, found.operation)
    return { image: found.image, operation: found.operation }
  }
  if (found) throw await nameTaken(deps.database, found.node.id, wanted.name)
  if (nodeId !== undefined) await getNode(deps.database, nodeId)
  throw new AppError('unavailable', 'No node has registered yet; start a worker.', { reason: 'NO_NODE' })
}

async function nameTaken({ drizzle }: Database, nodeId: string, name: string): Promise<AppError> {
  const [namesake] = await drizzle
    .select({ id: images.id, state: images.state })
    .from(images)
    .where(and(eq(images.nodeId, nodeId), eq(images.name, name)))
  if (!namesake) return changedMeanwhile()
  return new AppError(
    'already_exists',
    `The node has an image named ${name} already. Choose another name, or delete that image first.`,
    { reason: 'IMAGE_NAME_TAKEN', details: { imageId: namesake.id, state: namesake.state, nodeId } },
  )
}
