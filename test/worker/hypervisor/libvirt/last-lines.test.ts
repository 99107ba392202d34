import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { lastLines } from '#worker/hypervisor/libvirt/last-lines.ts'

/** The last lines of a file, and how many bytes were read of it. */
async function read(content: string | Buffer, count: number) {
  const directory = await mkdtemp(path.join(tmpdir(), 'lines-'))
  const file = path.join(directory, 'log')
  await writeFile(file, content)
  const handle = await open(file)
  let bytes = 0
  const counted = {
    stat: () => handle.stat(),
    read: (async (...args: Parameters<typeof handle.read>) => {
      const result = await handle.read(...args)
      bytes += result.bytesRead
      return result
    }) as typeof handle.read,
  }
  const lines = await lastLines(counted as typeof handle, count)
  await handle.close()
  await rm(directory, { recursive: true })
  return { lines, bytes }
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`)

test('the last lines come in their order, whether the file ends with a line or in one', async () => {
  const lines = numbered(30_000)
  expect((await read(`${lines.join('\n')}\n`, 3)).lines).toEqual(lines.slice(-3))
  expect((await read(lines.join('\n'), 3)).lines).toEqual(lines.slice(-3))
  expect((await read(`${lines.join('\n')}\n`, 20_000)).lines).toEqual(lines.slice(-20_000))
  expect((await read('a\n\nb\n', 10)).lines).toEqual(['a', '', 'b'])
  expect((await read('', 10)).lines).toEqual([])
})

test('of a long file only its end is read', async () => {
  const { bytes } = await read(`${numbered(1_000_000).join('\n')}\n`, 100)
  expect(bytes).toBe(65_536)
})

test('a line without an end is cut, and no more than 1 MiB of it is read', async () => {
  const { lines, bytes } = await read(`first\n${'x'.repeat(3_000_000)}`, 10)
  expect(lines).toEqual([`${'x'.repeat(4095)}…`])
  expect(bytes).toBe(1_048_576)
})

test('what is no UTF-8 is replaced', async () => {
  expect((await read(Buffer.from([0x61, 0xff, 0x0a]), 10)).lines).toEqual(['a\ufffd'])
})
