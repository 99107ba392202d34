import { chmod, link, lstat, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { syncDirectory, unlessGone } from '#worker/files.ts'
import { fingerprintOf } from './image-files.ts'
import type { ImageStore } from './image-store.ts'
import { partialPath } from './incoming-file.ts'
import type { VerifiedImage } from './verify-import.ts'

interface Image {
  imageId: string
  /** A plain name: never a path. */
  name: string
}

type Directory = Pick<ImageStore, 'directory'>

/** QEMU's user reads it. */
const imageMode = 0o644

/** Throws `already_exists` where the image directory has a file of that name. */
export async function requireNameFree({ directory }: Directory, name: string): Promise<void> {
  if (await fingerprintAt(path.join(directory, name))) throw nameTaken(name)
}

/** Gives a verified file its name. One that has it already keeps it. Throws `already_exists` where another file has it. */
export async function placeImage(store: Directory, { imageId, name }: Image, verified: VerifiedImage): Promise<void> {
  const partial = partialPath(store, imageId)
  const file = path.join(store.directory, name)
  if ((await fingerprintAt(file)) !== verified.fingerprint) {
    await chmod(partial, imageMode)
    // Unlike a rename it takes no other file's place.
    await link(partial, file).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? nameTaken(name) : error
    })
  }
  await rm(partial, { force: true })
  await syncDirectory(store.directory)
}

/** Takes the name away again, where the verified file has it. */
export async function unplaceImage({ directory }: Directory, { name }: Image, verified: VerifiedImage): Promise<void> {
  const file = path.join(directory, name)
  if ((await fingerprintAt(file)) === verified.fingerprint) await rm(file, { force: true })
}

const asidePath = ({ directory }: Directory, imageId: string) => path.join(directory, `.${imageId}.deleting`)

/** Takes an image's name away, so that nothing new finds it; one without a name stays so. */
export async function putAside(store: Directory, { imageId, name }: Image): Promise<void> {
  if (await fingerprintAt(asidePath(store, imageId))) return
  await unlessGone(rename(path.join(store.directory, name), asidePath(store, imageId)))
}

/** Gives its name back to an image that was put aside. */
export async function putBack(store: Directory, { imageId, name }: Image): Promise<void> {
  const file = path.join(store.directory, name)
  if (await fingerprintAt(file)) return
  await unlessGone(rename(asidePath(store, imageId), file))
}

/** Removes an image that was put aside. */
export async function removeAside(store: Directory, { imageId }: Image): Promise<void> {
  await rm(asidePath(store, imageId), { force: true })
  await syncDirectory(store.directory)
}

/** Null where there is no file; of a link, its own. */
async function fingerprintAt(file: string): Promise<string | null> {
  const stats = await unlessGone(lstat(file, { bigint: true }))
  return stats && fingerprintOf(stats)
}

const nameTaken = (name: string): AppError =>
  new AppError(
    'already_exists',
    `The node has a file "${name}" in its image directory already. Choose another name, or delete that image first.`,
    { reason: 'IMAGE_NAME_TAKEN' },
  )
