import { expect, test } from 'vitest'
import { cpioArchive } from '#infra/guest/cpio.ts'

/** Reads an archive as the kernel does: a header of hexadecimal fields, the name, the data, each padded to four bytes. */
function read(archive: Buffer): { path: string; mode: number; data: string }[] {
  const members = []
  for (let at = 0; ; ) {
    expect(at % 4).toBe(0)
    expect(archive.toString('latin1', at, at + 6)).toBe('070701')
    const field = (index: number) =>
      Number.parseInt(archive.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16)
    const [mode, size, nameSize] = [field(1), field(6), field(11)]
    const path = archive.toString('utf8', at + 110, at + 110 + nameSize - 1)
    if (path === 'TRAILER!!!') return members
    const dataAt = (at + 110 + nameSize + 3) & ~3
    members.push({ path, mode, data: archive.toString('utf8', dataAt, dataAt + size) })
    at = (dataAt + size + 3) & ~3
  }
}

test('every entry is found again, whatever the length of its name and content', () => {
  const files = ['', 'a', 'ab', 'abc', 'abcd'].flatMap((data) =>
    ['x', 'xy', 'xyz', 'wxyz'].map((name) => ({
      path: `${name}${data}`,
      type: 'file' as const,
      data: Buffer.from(data),
    })),
  )
  expect(read(cpioArchive(files))).toEqual(files.map(({ path, data }) => ({ path, mode: 0o100644, data: `${data}` })))
})

test('directories, programs and links keep their kind', () => {
  const archive = cpioArchive([
    { path: 'bin', type: 'directory' },
    { path: 'bin/sh', type: 'file', data: Buffer.from('#!'), executable: true },
    { path: 'sh', type: 'link', data: 'bin/sh' },
  ])
  expect(read(archive)).toEqual([
    { path: 'bin', mode: 0o040755, data: '' },
    { path: 'bin/sh', mode: 0o100755, data: '#!' },
    { path: 'sh', mode: 0o120755, data: 'bin/sh' },
  ])
})
