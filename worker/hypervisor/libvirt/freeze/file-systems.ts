/** A mounted file system, as the agent's guest-get-fsinfo names it. */
export interface GuestFileSystem {
  /** Of its device; the same for each of its mount points. */
  name: string
  mountpoint: string
  type: string
}

/** Linux cannot freeze these (no freeze_fs, or nothing to write), and the agent passes over them without a word. */
const unfreezable = new Set(['vfat', 'msdos', 'exfat', 'iso9660', 'udf', 'squashfs', 'erofs'])

/** A guest may name what it likes; this much is kept of it. */
const namesMax = 256
const nameLengthMax = 1024

/** What of the agent's answer has the shape of file systems. */
export function readFileSystems(answer: unknown): GuestFileSystem[] {
  return Array.isArray(answer) ? answer.filter(isFileSystem).slice(0, namesMax) : []
}

const isFileSystem = (part: unknown): part is GuestFileSystem =>
  typeof part === 'object' && part !== null && ['name', 'mountpoint', 'type'].every((key) => isName(part, key))

const isName = (part: object, key: string): boolean => {
  const value: unknown = (part as Record<string, unknown>)[key]
  return typeof value === 'string' && value.length <= nameLengthMax
}

/**
 * Which of a guest's file systems were frozen when its agent froze `count` of them: it says no more. Empty where the
 * numbers do not agree: then nobody knows.
 */
export function frozenMountPoints(mounted: readonly GuestFileSystem[], count: number): string[] {
  const distinct = [...Map.groupBy(mounted, ({ name }) => name).values()].flatMap(([first]) => first ?? [])
  const freezable = distinct.filter(({ type }) => !unfreezable.has(type.toLowerCase()))
  const frozen = [freezable, distinct].find(({ length }) => length === count) ?? []
  return frozen.map(({ mountpoint }) => mountpoint).toSorted()
}
