import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import type { ImageChunk } from '#db/image-chunks.ts'
import { type Patience, pauseAfter } from '#db/pause-after.ts'
import type { OperationProgress } from '#db/schema/operation.ts'
import { workerStops } from '#worker/worker-stops.ts'
import type { IncomingFile } from './incoming-file.ts'

/** For the next piece. */
const patience: Patience = { shortestMs: 5, longestMs: 1000, inVain: 0.1 }

interface UploadRequest {
  file: IncomingFile
  /** The piece that waits to be put into the file; null where none does. */
  next(): Promise<ImageChunk | null>
  /** Says how far the file is, and that this piece need not wait any more. */
  taken(chunk: ImageChunk, progress: OperationProgress): Promise<void>
  /** Without a piece. */
  idleMs: number
  signal: AbortSignal
}

/**
 * Puts the pieces of an upload into its file as they come, each on the disk before it is said to be there. Throws
 * `deadline_exceeded` when nobody continues it.
 */
export async function receiveUpload({ file, next, taken, idleMs, signal }: UploadRequest): Promise<void> {
  let waitingSince = Date.now()
  while (file.progress.doneBytes < (file.progress.totalBytes ?? 0)) {
    const chunk = await next()
    if (chunk) {
      // Another one was sent by somebody who did not know how far it is.
      if (chunk.offsetBytes === file.progress.doneBytes) await file.write(chunk.data)
      await file.sync()
      await taken(chunk, file.progress)
      waitingSince = Date.now()
      continue
    }
    if (Date.now() - Date.parse(file.progress.changedAt) > idleMs) throw abandoned(idleMs)
    await delay(pauseAfter(Date.now() - waitingSince, patience), undefined, { signal }).catch((error) => {
      throw workerStops(error)
    })
  }
}

const abandoned = (idleMs: number): AppError =>
  new AppError(
    'deadline_exceeded',
    `Nobody continued the upload for ${Math.round(idleMs / 3600_000)} hours. Begin it anew.`,
    { reason: 'IMAGE_UPLOAD_ABANDONED' },
  )
