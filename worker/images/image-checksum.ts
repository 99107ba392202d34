import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { fingerprintOf, type ImageFile } from './image-files.ts'
import { imageOpenFlags } from './require-image.ts'

/** Small enough that nothing else waits for a piece to be hashed. */
const pieceBytes = 256 * 1024

/**
 * A file's SHA-256 in hexadecimal; null where the file is no longer what it was when it was listed, or the signal came.
 * Never holds more than a piece of it.
 */
export async function imageChecksum(file: ImageFile, signal: AbortSignal): Promise<string | null> {
  const handle = await open(file.path, imageOpenFlags)
  try {
    const hash = createHash('sha256')
    for await (const piece of handle.createReadStream({ autoClose: false, highWaterMark: pieceBytes })) {
      if (signal.aborted) return null
      hash.update(piece)
    }
    const isSame = fingerprintOf(await handle.stat({ bigint: true })) === file.fingerprint
    return isSame ? hash.digest('hex') : null
  } finally {
    await handle.close()
  }
}
