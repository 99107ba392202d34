import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { iso9660, readVolumeSet, volumeSetEndsAt } from '#worker/seed/iso9660.ts'

const text = (content: string) => new TextEncoder().encode(content)

const image = iso9660({
  label: 'CIDATA',
  volumeSet: 'A1B2',
  files: [
    { name: 'user-data', content: text('#cloud-config\n'.padEnd(5000, '#')) },
    { name: 'meta-data', content: text('{}') },
    { name: 'network-config', content: text('') },
  ],
})

test('the same files are the same image, whenever it is made', () => {
  // What isoinfo of genisoimage 1.1.11, blkid and a Linux guest were seen to read.
  expect(createHash('sha256').update(image).digest('hex')).toBe(
    '87311710fea0c545734c6c20bb412cf6a0e7ed71b294c9977b1721ec00bc463b',
  )
})

test('an image tells its volume set by its beginning; what is no image tells none', () => {
  expect(readVolumeSet(image.subarray(0, volumeSetEndsAt))).toBe('A1B2')
  expect(readVolumeSet(new Uint8Array(volumeSetEndsAt))).toBeNull()
  expect(readVolumeSet(new Uint8Array())).toBeNull()
})

test.skipIf(!existsSync('/usr/sbin/blkid'))(
  'Linux knows it by its label (skipped where there is no blkid)',
  async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'iso-'))
    const file = path.join(directory, 'seed.iso')
    await writeFile(file, image)
    const found = execFileSync('/usr/sbin/blkid', ['-p', '-o', 'export', file], { encoding: 'utf8' })
    await rm(directory, { recursive: true })
    expect(found).toContain('LABEL=CIDATA\n')
    expect(found).toContain('TYPE=iso9660\n')
    expect(found).toContain('VERSION=Joliet\\ Extension\n')
  },
)

test('each name of a directory leads to its content, in the plain names and in those of Joliet', () => {
  const names = {
    23: ['META-DATA.;1', 'NETWORK-CONFIG.;1', 'USER-DATA.;1'],
    24: ['meta-data', 'network-config', 'user-data'],
  }
  for (const [sector, expected] of Object.entries(names)) {
    const entries = readDirectory(Number(sector))
    expect(entries.map(({ name }) => name)).toEqual(expected)
    expect(entries.map(({ content }) => content.length)).toEqual([2, 0, 5000])
    expect(entries[2]?.content.startsWith('#cloud-config\n#')).toBe(true)
  }
})

function readDirectory(sector: number) {
  const view = new DataView(image.buffer, sector * 2048, 2048)
  const entries: { name: string; content: string }[] = []
  for (let at = 0; view.getUint8(at) !== 0; at += view.getUint8(at)) {
    const [start, size] = [view.getUint32(at + 2, true) * 2048, view.getUint32(at + 10, true)]
    expect([view.getUint32(at + 6) * 2048, view.getUint32(at + 14)]).toEqual([start, size])
    const raw = image.subarray(sector * 2048 + at + 33, sector * 2048 + at + 33 + view.getUint8(at + 32))
    if (view.getUint8(at + 25) === 2) continue
    const name = Buffer.from(raw).toString('latin1').replaceAll('\0', '')
    entries.push({ name, content: Buffer.from(image.subarray(start, start + size)).toString() })
  }
  return entries
}
