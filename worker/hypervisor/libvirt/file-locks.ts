import { readFile, stat } from 'node:fs/promises'
import { unlessGone } from '#worker/files.ts'

/**
 * QEMU locks this byte of an image that it may write to: RAW_LOCK_PERM_BASE (100) and the bit of BLK_PERM_WRITE of its
 * block/file-posix.c.
 */
const writeLockByte = 101n

/** Those of the files that a program of QEMU's may write to, on this machine; who it is the system does not tell. */
export async function writtenByQemu(files: readonly string[]): Promise<string[]> {
  const locked = parseWriteLocks(await readFile('/proc/locks', 'utf8'))
  if (locked.size === 0) return []
  const found = await Promise.all(files.map(async (file) => ({ file, id: await fileId(file) })))
  return found.flatMap(({ file, id }) => (id !== null && locked.has(id) ? [file] : []))
}

/** The files of proc_locks(5) that QEMU may write to, as `major:minor:inode` in decimals. */
export function parseWriteLocks(locks: string): Set<string> {
  const line = /^\d+: OFDLCK +ADVISORY +\w+ +-?\d+ ([\da-f]+):([\da-f]+):(\d+) (\d+) (\d+|EOF)$/gm
  const ids = new Set<string>()
  for (const [, major = '', minor = '', inode, first = '', last = ''] of locks.matchAll(line)) {
    const holds = BigInt(first) <= writeLockByte && (last === 'EOF' || writeLockByte <= BigInt(last))
    if (holds) ids.add(`${Number.parseInt(major, 16)}:${Number.parseInt(minor, 16)}:${inode}`)
  }
  return ids
}

async function fileId(file: string): Promise<string | null> {
  const stats = await unlessGone(stat(file, { bigint: true }))
  if (!stats) return null
  const { dev, ino } = stats
  // As gnu_dev_major(3) and gnu_dev_minor(3) take it apart.
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn)
  return `${major}:${minor}:${ino}`
}
