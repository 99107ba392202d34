/** A disk's file, before and after; absolute paths. */
export interface SourceChange {
  from: string
  to: string
}

/** The file that a disk is to write to; an absolute path. */
export interface DiskFile {
  target: string
  path: string
}

/**
 * A definition, as libvirt printed it, with other files for the disks that have one of the old ones; everything else
 * stays to the byte.
 */
export const withDiskSources = (xml: string, changes: readonly SourceChange[]): string =>
  mapDisks(xml, ({ path }) => changes.find(({ from }) => from === path)?.to)

/** The same for the disks with these targets, whatever files they have. */
export const withDiskFiles = (xml: string, files: readonly DiskFile[]): string =>
  mapDisks(xml, ({ target }) => files.find((file) => file.target === target)?.path)

/**
 * `<backingStore>` goes where the file changes: libvirt would believe it instead of the new file's own header. Escaped
 * text of users cannot look like an element, and the names of files in the pool hold nothing that XML escapes.
 */
function mapDisks(xml: string, newPath: (disk: { target: string; path: string }) => string | undefined): string {
  return xml.replace(/<disk .*?<\/disk>/gs, (disk) => {
    const top = withoutBackingStore(disk)
    const path = firstGroup(top, /<source file='([^']*)'/)
    const target = firstGroup(top, /<target dev='([^']*)'/)
    if (path === undefined || target === undefined) return disk
    const changed = newPath({ target, path })
    return changed === undefined || changed === path
      ? disk
      : top.replace(/<source file='[^']*'/, () => `<source file='${changed}'`)
  })
}

/** A definition that says nothing of what lies below its disks: libvirt reads it from the files when they are opened. */
export const withoutBackingStores = (xml: string): string => xml.replace(/<disk .*?<\/disk>/gs, withoutBackingStore)

const withoutBackingStore = (disk: string): string =>
  disk.replace(/\s*<backingStore.*<\/backingStore>|\s*<backingStore\/>/s, '')

const firstGroup = (text: string, pattern: RegExp): string | undefined => pattern.exec(text)?.[1]
