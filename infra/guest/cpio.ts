/** One entry of an archive; `data` is a file's content or a symbolic link's target. */
export type CpioEntry =
  | { path: string; type: 'directory' }
  | { path: string; type: 'file'; data: Buffer; executable?: boolean }
  | { path: string; type: 'link'; data: string }

const typeBits = { directory: 0o040000, file: 0o100000, link: 0o120000 } as const
const align = 4

/**
 * A cpio archive in the "newc" form, the one Linux takes as initramfs
 * (https://docs.kernel.org/driver-api/early-userspace/buffer-format.html). Everything belongs to root.
 */
export const cpioArchive = (entries: readonly CpioEntry[]): Buffer =>
  Buffer.concat([
    ...entries.map((entry, index) => member(index + 1, entry.path, modeOf(entry), dataOf(entry))),
    member(0, 'TRAILER!!!', 0, Buffer.alloc(0)),
  ])

function modeOf(entry: CpioEntry): number {
  const permissions = entry.type === 'file' && !entry.executable ? 0o644 : 0o755
  return typeBits[entry.type] | permissions
}

const dataOf = (entry: CpioEntry): Buffer =>
  entry.type === 'directory' ? Buffer.alloc(0) : Buffer.from(entry.data as string)

function member(inode: number, path: string, mode: number, data: Buffer): Buffer {
  const name = Buffer.from(`${path}\0`)
  const links = 1
  const fields = [inode, mode, 0, 0, links, 0, data.length, 0, 0, 0, 0, name.length, 0]
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`)
  return Buffer.concat([padded(Buffer.concat([header, name])), padded(data)])
}

const padded = (buffer: Buffer): Buffer => Buffer.concat([buffer, Buffer.alloc(-buffer.length & (align - 1))])
