import type { Deps } from '#api/deps.ts'
import { AppError } from '#db/errors.ts'
import { findImageUsers } from '#db/image-users.ts'
import { changedMeanwhile, ring } from '#db/operations/begin.ts'
import { recordImageDelete } from '#db/operations/record-image.ts'
import { getImage, imageNotFound } from './service.ts'
import type { ImageWithOperation } from './view.ts'

const listedMax = 100

/** Begins to delete an image. Throws why it cannot be: it is imported or deleted, or something needs it. */
export async function deleteImage(deps: Deps, imageId: string) {
  const before = await getImage(deps.database, imageId)
  const operationId = deps.newId()
  const found = await recordImageDelete(deps.database, { imageId, operationId, name: before.image.name })
  if (!found) throw imageNotFound(imageId)
  if (found.deleting && found.operation) {
    ring(deps, found.operation)
    return { image: found.deleting, operation: found.operation }
  }
  throw (await refusal(deps, imageId)) ?? changedMeanwhile()
}

async function refusal({ database }: Deps, imageId: string): Promise<AppError | null> {
  const { image, operation } = await getImage(database, imageId)
  if (image.state !== 'READY') return busy({ image, operation })
  const { vms, operations } = await findImageUsers(database, { imageId, nodeId: image.nodeId, name: image.name })
  if (vms.length + operations.length === 0) return null
  const needing = [
    ...(vms.length > 0 ? [`${vms.length} VMs (${vms[0]?.name}${vms.length > 1 ? ', …' : ''})`] : []),
    ...(operations.length > 0 ? [`${operations.length} unfinished operations`] : []),
  ]
  return new AppError(
    'failed_precondition',
    `The image ${image.name} is needed by ${needing.join(' and ')}: a disk that was made from an image stands on its file. Delete these first.`,
    {
      reason: 'IMAGE_IN_USE',
      details: { vms: vms.slice(0, listedMax), operations: operations.slice(0, listedMax) },
    },
  )
}

const busy = ({ image, operation }: ImageWithOperation): AppError =>
  new AppError(
    'aborted',
    `The image ${image.name} is ${image.state === 'IMPORTING' ? 'being imported: cancel its operation' : 'being deleted: wait for its operation'}.`,
    { reason: 'OPERATION_IN_PROGRESS', details: { operationId: operation?.id, kind: operation?.kind } },
  )
