import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
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
    const checksums = await fileChecksums(handle, ['sha256'], signal)
    const isSame = fingerprintOf(await handle.stat({ bigint: true })) === file.fingerprint
    return isSame ? (checksums?.sha256 ?? null) : null
  } finally {
    await handle.close()
  }
}

type Algorithm = 'sha256' | 'sha512'

/** Of a whole file, in hexadecimal, read once; null when the signal came. */
export async function fileChecksums<A extends Algorithm>(
  handle: FileHandle,
  algorithms: readonly A[],
  signal: AbortSignal,
): Promise<Record<A, string> | null> {
  const hashes = algorithms.map((algorithm) => [algorithm, createHash(algorithm)] as const)
  for await (const piece of handle.createReadStream({ autoClose: false, start: 0, highWaterMark: pieceBytes })) {
    if (signal.aborted) return null
    for (const [, hash] of hashes) hash.update(piece)
  }
  return Object.fromEntries(hashes.map(([algorithm, hash]) => [algorithm, hash.digest('hex')])) as Record<A, string>
}
