import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import { unlessGone } from '#worker/files.ts'
import type { InspectedImage } from '#worker/images/inspect/inspect-image.ts'
import { requireImage } from '#worker/images/require-image.ts'
import type { UserIds } from './access.ts'
import { requireImagesReachable } from './pool-access.ts'

const listedMax = 10

const kinds = {
  baseImage: { noun: 'base image', reason: 'BASE_IMAGE_NOT_FOUND', formats: ['qcow2', 'raw'] },
  iso: { noun: 'ISO', reason: 'ISO_NOT_FOUND', formats: ['iso'] },
} as const

export type ImageKind = keyof typeof kinds

type FormatOf<K extends ImageKind> = (typeof kinds)[K]['formats'][number]

export interface FoundImage<K extends ImageKind> extends InspectedImage<FormatOf<K>> {
  /** Absolute. */
  path: string
}

/** The node's base images and ISOs. */
export interface Images {
  /**
   * An image by its name, inspected before any other program opens it. The name is only compared with what the directory
   * lists, never put into a path; links do not count, so that nothing outside of the directory can be named.
   * Throws `not_found` with what there is, and `failed_precondition` where it is not of its kind, could lead QEMU to other
   * files (`ImageRefusalReason`), or cannot be reached by QEMU.
   */
  find<K extends ImageKind>(kind: K, name: string): Promise<FoundImage<K>>
}

export const imagesIn = (directory: string, qemuUser: UserIds): Images => ({
  async find<K extends ImageKind>(kind: K, name: string) {
    const names = await listImages(directory)
    const found = names.find((candidate) => candidate === name)
    if (found !== undefined) {
      await requireImagesReachable(qemuUser, directory)
      const file = path.join(directory, found)
      const formats: readonly FormatOf<K>[] = kinds[kind].formats
      return { path: file, ...(await requireImage(file, { noun: kinds[kind].noun, formats })) }
    }
    const { noun, reason } = kinds[kind]
    throw new AppError('not_found', `The node has no ${noun} "${name}" in ${directory}. ${whatThereIs(names)}`, {
      reason,
      details: { available: names.slice(0, listedMax) },
    })
  },
})

async function listImages(directory: string): Promise<string[]> {
  const entries = (await unlessGone(readdir(directory, { withFileTypes: true }))) ?? []
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort()
}

function whatThereIs(names: readonly string[]): string {
  if (names.length === 0) return 'There is no file there.'
  const listed = names.slice(0, listedMax).join(', ')
  return names.length > listedMax ? `There are ${listed} and ${names.length - listedMax} more.` : `There is ${listed}.`
}
