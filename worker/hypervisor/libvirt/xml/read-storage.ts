import { find, readXml } from './read.ts'

/** The directory of a `dir` pool; null where the pool is of another kind. */
export function readPoolDirectory(xml: string): string | null {
  const pool = readXml(xml)
  return pool.attributes.get('type') === 'dir' ? (find(pool, 'target', 'path')?.text ?? null) : null
}

/** What we read of a volume. */
export interface VolumeFacts {
  path: string
  format: string
  capacityBytes: number
  /** What it takes on the disk. */
  allocationBytes: number
  backing: { path: string; format: string } | null
}

export function readVolume(xml: string): VolumeFacts {
  const volume = readXml(xml)
  const backingPath = find(volume, 'backingStore', 'path')?.text
  return {
    path: find(volume, 'target', 'path')?.text ?? '',
    format: find(volume, 'target', 'format')?.attributes.get('type') ?? '',
    capacityBytes: Number(find(volume, 'capacity')?.text),
    allocationBytes: Number(find(volume, 'allocation')?.text),
    backing: backingPath
      ? { path: backingPath, format: find(volume, 'backingStore', 'format')?.attributes.get('type') ?? '' }
      : null,
  }
}
