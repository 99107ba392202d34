/** A disk's file, before and after; absolute paths. */
export interface SourceChange {
  from: string
  to: string
}

/**
 * A definition, as libvirt printed it, with other files for its disks; everything else stays to the byte.
 * `<backingStore>` goes: libvirt would believe it instead of the new file's own header. Escaped text of users cannot
 * look like an element, and the names of files in the pool hold nothing that XML escapes.
 */
export function withDiskSources(xml: string, changes: readonly SourceChange[]): string {
  return xml.replace(/<disk .*?<\/disk>/gs, (disk) => {
    const top = disk.replace(/\s*<backingStore.*<\/backingStore>|\s*<backingStore\/>/s, '')
    const change = changes.find(({ from }) => top.includes(`<source file='${from}'`))
    return change ? top.replace(`<source file='${change.from}'`, `<source file='${change.to}'`) : disk
  })
}
