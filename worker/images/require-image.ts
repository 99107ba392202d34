import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { type ImageFormat, type InspectedImage, inspectImage } from './inspect/inspect-image.ts'
import type { ImageRefusal } from './inspect/refusal.ts'
import { readSample } from './inspect/sample.ts'

/** No link is followed, and nothing that waits for a writer is waited for. */
export const imageOpenFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

const notAFile: ImageRefusal = {
  reason: 'IMAGE_NOT_A_FILE',
  message: 'it is no regular file: put the file itself there',
}
const refusalByErrno: Partial<Record<string, ImageRefusal>> = {
  ELOOP: notAFile,
  ENXIO: notAFile,
  EACCES: { reason: 'IMAGE_NOT_READABLE', message: 'the worker may not read it: allow that with chmod' },
}

interface Wanted<F extends ImageFormat> {
  noun: string
  formats: readonly F[]
  /** A disk of ours stands on a base image: whoever allows it looks at that one too. */
  mayHaveBacking?: boolean
}

/**
 * Inspects an image file before any other program opens it. `noun` and `formats` are what it is wanted as.
 * Throws `failed_precondition` with an `ImageRefusalReason`.
 */
export async function requireImage<F extends ImageFormat>(
  file: string,
  { noun, formats, mayHaveBacking }: Wanted<F>,
): Promise<InspectedImage<F>> {
  const found = await inspectFile(file, formats, mayHaveBacking)
  if (!('reason' in found)) return found
  throw new AppError('failed_precondition', `The ${noun} "${path.basename(file)}" cannot be used: ${found.message}.`, {
    reason: found.reason,
  })
}

/** The same, answering with what is refused. Throws where the file cannot be opened or read for any other reason. */
export async function inspectFile<F extends ImageFormat>(
  file: string,
  formats: readonly F[],
  mayHaveBacking = false,
): Promise<InspectedImage<F> | ImageRefusal> {
  const opened = await openOrRefuse(file)
  if ('reason' in opened) return opened
  try {
    const stats = await opened.stat()
    return stats.isFile() ? inspectImage(await readSample(opened), formats, mayHaveBacking) : notAFile
  } finally {
    await opened.close()
  }
}

async function openOrRefuse(file: string): Promise<FileHandle | ImageRefusal> {
  try {
    return await open(file, imageOpenFlags)
  } catch (error) {
    const refusal = refusalByErrno[(error as NodeJS.ErrnoException).code ?? '']
    if (refusal) return refusal
    throw error
  }
}
