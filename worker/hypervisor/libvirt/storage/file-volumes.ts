import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { plainNamePattern } from '#db/plain-name.ts'
import { imageOpenFlags } from '#worker/images/require-image.ts'
import { type OverlayFile, readOverlayFile } from '../snapshot/overlay-file.ts'
import { volumePlace } from './disk-places.ts'

const suffix = '.qcow2'

/** A volume that is a file of its pool's directory. */
export interface VolumeFile extends OverlayFile {
  volumeId: string
  path: string
}

/** The path of a volume, whose id is a plain name. */
export const volumeFile = (directory: string, volumeId: string): string => path.join(directory, `${volumeId}${suffix}`)

/** The volumes of a directory, by id. Links do not count, nor what is no qcow2. */
export async function listVolumeFiles(directory: string): Promise<VolumeFile[]> {
  const names = await readdir(directory)
  const ids = names.filter((name) => name.endsWith(suffix)).map((name) => name.slice(0, -suffix.length))
  const found: VolumeFile[] = []
  for (const volumeId of ids.filter((id) => plainNamePattern.test(id)).sort()) {
    const volume = await readVolumeFile(directory, volumeId)
    if (volume) found.push(volume)
  }
  return found
}

/** Null where there is none, or something that is no volume. */
export async function readVolumeFile(directory: string, volumeId: string): Promise<VolumeFile | null> {
  const file = volumeFile(directory, volumeId)
  const stats = await lstat(file).catch(nullIfMissing)
  if (!stats?.isFile()) return null
  const content = await readOverlayFile(file, imageOpenFlags)
  return content && { ...content, volumeId, path: file }
}

/** What a definition may name a volume by. */
export const placesOfFile = (poolName: string, file: string): string[] => [
  file,
  volumePlace(poolName, path.basename(file)),
]

export const nullIfMissing = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT') return null
  throw error
}
