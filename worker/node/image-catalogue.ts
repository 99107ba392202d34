import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { findImages, recordChecksum, recordImages, type SeenImage } from '#db/images.ts'
import { newId } from '#db/new-id.ts'
import type { Claimant } from '#db/operations/claim.ts'
import { imageFormats } from '#db/schema/image.ts'
import { unlessGone } from '#worker/files.ts'
import { imageChecksum } from '#worker/images/image-checksum.ts'
import { type ImageFile, listImageFiles } from '#worker/images/image-files.ts'
import { inspectFile } from '#worker/images/require-image.ts'

/** Keeps the rows of the node's images in line with the files in its image directory. */
export interface ImageCatalogue {
  /** Inspects what is new or has changed, and writes down what differs. */
  look(): Promise<void>
  /** Hashes what has no checksum, one file at a time. */
  hash(): Promise<void>
}

interface ImageCatalogueDependencies {
  db: Database
  /** Absolute. */
  directory: string
  claimant: Claimant
  /** Ends a hash that is under way. */
  signal: AbortSignal
  log: Logger
}

export function createImageCatalogue(dependencies: ImageCatalogueDependencies): ImageCatalogue {
  const { db, directory, claimant, signal, log } = dependencies
  let toHash: ImageFile[] = []

  async function look(): Promise<void> {
    // In this order: the file of an image that is known was in place before.
    const known = await findImages(db, claimant.nodeId)
    const files = await listImageFiles(directory)
    const byName = new Map(known.map((image) => [image.name, image]))
    const changed: SeenImage[] = []
    const unhashed: ImageFile[] = []
    for (const file of files) {
      const before = byName.get(file.name)
      byName.delete(file.name)
      const isSame = before?.fingerprint === file.fingerprint
      if (isSame && !before.problem) {
        // Not at its first sight: it may still be on its way here.
        if (before.sha256 === null) unhashed.push(file)
        continue
      }
      // What was refused is inspected each time: it may have become readable, which changes nothing in the file.
      const seen = await inspect(file)
      if (seen && !(isSame && isDeepStrictEqual(seen.problem, before.problem))) changed.push(seen)
    }
    toHash = unhashed
    const gone = [...byName.keys()]
    if (changed.length === 0 && gone.length === 0) return
    await recordImages(db, claimant, { changed, gone })
    log.info({ images: { changed: changed.map(({ name, problem }) => ({ name, problem })), gone } }, 'images changed')
  }

  async function hash(): Promise<void> {
    for (let file = toHash[0]; file && !signal.aborted; file = toHash[0]) await hashOne(file)
  }

  async function hashOne(file: ImageFile): Promise<void> {
    try {
      const sha256 = await unlessGone(imageChecksum(file, signal))
      if (sha256 !== null) await recordChecksum(db, claimant, file, sha256)
    } finally {
      // One that cannot be read does not keep the others waiting.
      toHash = toHash.filter(({ name }) => name !== file.name)
    }
  }

  return { look, hash }
}

/** Null where the file is gone meanwhile. */
async function inspect({ path, ...file }: ImageFile): Promise<SeenImage | null> {
  const found = await unlessGone(inspectFile(path, imageFormats))
  if (!found) return null
  const judged =
    'reason' in found
      ? { format: null, virtualSizeBytes: null, problem: found }
      : { format: found.format, virtualSizeBytes: found.virtualSizeBytes, problem: null }
  return { id: newId(), ...file, ...judged }
}
