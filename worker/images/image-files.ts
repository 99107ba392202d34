import type { BigIntStats } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import path from 'node:path'
import { plainNamePattern } from '#db/plain-name.ts'
import { unlessGone } from '#worker/files.ts'

/** A file of the image directory that a spec can name; what it holds is not known yet. */
export interface ImageFile {
  name: string
  /** Absolute. */
  path: string
  sizeBytes: number
  modifiedAt: Date
  /** Changes with the file's content. */
  fingerprint: string
}

/** Not by ctime: libvirt changes the owner of images that VMs use. */
export const fingerprintOf = ({ ino, size, mtimeNs }: BigIntStats): string => `${ino}:${size}:${mtimeNs}`

/**
 * The files in the image directory, by name; none where there is no directory. Left out are directories and what no spec
 * can name. Links are not followed, and are listed as what they are.
 */
export async function listImageFiles(directory: string): Promise<ImageFile[]> {
  const entries = await unlessGone(readdir(directory, { withFileTypes: true }))
  const names = (entries ?? []).filter((entry) => !entry.isDirectory() && plainNamePattern.test(entry.name))
  const files: ImageFile[] = []
  for (const { name } of names) {
    const file = path.join(directory, name)
    const stats = await unlessGone(lstat(file, { bigint: true }))
    if (!stats) continue
    const { size, mtimeMs } = stats
    const modifiedAt = new Date(Number(mtimeMs))
    files.push({ name, path: file, sizeBytes: Number(size), modifiedAt, fingerprint: fingerprintOf(stats) })
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}
