import type { Deps } from '#api/deps.ts'
import { AppError } from '#db/errors.ts'
import { type ImageChunk, storeChunk } from '#db/image-chunks.ts'
import { findOperation, isDone } from '#db/operations/wait-for-operation.ts'
import { type Patience, pauseAfter } from '#db/pause-after.ts'
import type { OperationProgress } from '#db/schema/operation.ts'
import { getImage } from './service.ts'

/** Throws `invalid_argument` for a body that is not declared as what it is. */
export function requireBinary(contentType: string | undefined): void {
  if (contentType === 'application/octet-stream') return
  throw new AppError('invalid_argument', 'A piece must be sent as "Content-Type: application/octet-stream".', {
    reason: 'UNSUPPORTED_MEDIA_TYPE',
  })
}

/** The worker of a node that answers takes a piece in a tenth of a second. */
const takeTimeoutMs = 20_000
const patience: Patience = { shortestMs: 5, longestMs: 500, inVain: 0.1 }

/**
 * Gives the next piece of an upload to the image's node, and resolves to how far the upload is once it is on the disk there.
 * Throws `failed_precondition` with the offset where the upload goes on, when it is another one; `unavailable` when the node
 * does not take it now.
 */
export async function uploadContent(
  { database }: Pick<Deps, 'database'>,
  imageId: string,
  chunk: ImageChunk,
  signal: AbortSignal,
): Promise<OperationProgress> {
  if (chunk.data.length === 0) {
    throw new AppError('invalid_argument', 'body: a piece has at least one byte', { reason: 'INVALID_REQUEST' })
  }
  const found = await storeChunk(database, imageId, chunk)
  if (!found) throw await notUploading(database, imageId)
  if (!found.stored) throw notTaken(found.progress, chunk)

  const begin = Date.now()
  for (;;) {
    const operation = await findOperation(database, found.operationId)
    const progress = operation?.progress
    if (progress && progress.doneBytes > chunk.offsetBytes) return progress
    if (!operation || isDone(operation.status)) throw await notUploading(database, imageId)
    const waitedMs = Date.now() - begin
    if (waitedMs > takeTimeoutMs || signal.aborted) throw nodeWaits()
    await new Promise((resolve) => setTimeout(resolve, pauseAfter(waitedMs, patience)))
  }
}

async function notUploading(database: Deps['database'], imageId: string): Promise<AppError> {
  const { image } = await getImage(database, imageId)
  return new AppError(
    'failed_precondition',
    `Image ${image.name} is not being uploaded${image.state === 'READY' ? ': it is complete' : ''}.`,
    { reason: 'IMAGE_NOT_UPLOADING', details: { state: image.state } },
  )
}

function notTaken({ doneBytes, totalBytes }: OperationProgress, { offsetBytes, data }: ImageChunk): AppError {
  if (offsetBytes !== doneBytes) {
    return new AppError('failed_precondition', `The upload goes on at byte ${doneBytes}, and not at ${offsetBytes}.`, {
      reason: 'UPLOAD_OFFSET_MISMATCH',
      details: { doneBytes, totalBytes },
    })
  }
  if (totalBytes !== null && offsetBytes + data.length > totalBytes) {
    return new AppError('invalid_argument', `The image was said to have ${totalBytes} bytes, and this is more.`, {
      reason: 'UPLOAD_TOO_LONG',
      details: { doneBytes, totalBytes },
    })
  }
  return new AppError('unavailable', 'Many images are being uploaded; send the same piece again soon.', {
    reason: 'TOO_MANY_UPLOADS',
  })
}

const nodeWaits = (): AppError =>
  new AppError('unavailable', "The image's node does not take the piece now; send it again soon.", {
    reason: 'UPLOAD_NOT_TAKEN',
  })
