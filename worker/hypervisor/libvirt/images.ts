import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { UserIds } from './access.ts'
import { requireImagesReachable } from './pool-access.ts'

const listedMax = 10

const kinds = {
  baseImage: { noun: 'base image', reason: 'BASE_IMAGE_NOT_FOUND' },
  iso: { noun: 'ISO', reason: 'ISO_NOT_FOUND' },
} as const

export type ImageKind = keyof typeof kinds

/** The node's base images and ISOs. */
export interface Images {
  /**
   * The absolute path of an image by its name. The name is only compared with what the directory lists, never put into
   * a path; links do not count, so that nothing outside of the directory can be named.
   * Throws `not_found` with what there is, and `failed_precondition` where QEMU cannot get to the directory.
   */
  find(kind: ImageKind, name: string): Promise<string>
}

export const imagesIn = (directory: string, qemuUser: UserIds): Images => ({
  async find(kind, name) {
    const names = await listImages(directory)
    const found = names.find((candidate) => candidate === name)
    if (found !== undefined) {
      await requireImagesReachable(qemuUser, directory)
      return path.join(directory, found)
    }
    const { noun, reason } = kinds[kind]
    throw new AppError('not_found', `The node has no ${noun} "${name}" in ${directory}. ${whatThereIs(names)}`, {
      reason,
      details: { available: names.slice(0, listedMax) },
    })
  },
})

async function listImages(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function whatThereIs(names: readonly string[]): string {
  if (names.length === 0) return 'There is no file there.'
  const listed = names.slice(0, listedMax).join(', ')
  return names.length > listedMax ? `There are ${listed} and ${names.length - listedMax} more.` : `There is ${listed}.`
}
