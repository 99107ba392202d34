import { imageFormats } from '#db/schema/image.ts'
import type { ImageInfo } from '#proto/gen/limiquantix/node/v1/ImageInfo.ts'
import { unlessGone } from '#worker/files.ts'
import { type ImageFile, listImageFiles } from '#worker/images/image-files.ts'
import { inspectFile } from '#worker/images/require-image.ts'
import type { Calls } from './calls.ts'

/** The node's base images and ISOs, as they are in its image directory. What a VM could not be made of is left out. */
export function imageCalls(directory: string) {
  /** What was found out, by name: a file is inspected again when it has changed. */
  let known = new Map<string, { fingerprint: string; image: ImageInfo | null }>()

  async function look(file: ImageFile) {
    const before = known.get(file.name)
    // What was refused may have become readable, which changes nothing in the file.
    if (before?.image && before.fingerprint === file.fingerprint) return before
    return { fingerprint: file.fingerprint, image: await imageOf(file) }
  }

  return {
    async ListImages() {
      const found: typeof known = new Map()
      for (const file of await listImageFiles(directory)) found.set(file.name, await look(file))
      known = found
      return { images: [...found.values()].flatMap(({ image }) => image ?? []) }
    },
  } satisfies Partial<Calls>
}

/** Null of what is none, or has gone. */
async function imageOf({ name, path, sizeBytes }: ImageFile): Promise<ImageInfo | null> {
  const found = await unlessGone(inspectFile(path, imageFormats))
  if (!found || 'reason' in found) return null
  return { imageId: name, name, path: name, sizeBytes, format: found.format }
}
