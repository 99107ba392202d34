import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { anImageServer } from '#test/support/image-server.ts'
import { anImageWorld } from '#test/worker/operations/image-world.ts'

const mib = 2 ** 20
const checksum = `sha256:${'0'.repeat(64)}`
const notRoot = process.getuid?.() !== 0

/** A disk of its own for images, of so many MiB. */
function aDisk(sizeMib: number): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'qfull-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'quantix-test', directory])
  onTestFinished(() => {
    execFileSync('umount', [directory])
    rmSync(directory, { recursive: true })
  })
  return directory
}

describe.skipIf(notRoot)(`a disk that images fill${notRoot ? ', skipped: only root may mount one' : ''}`, () => {
  test.each([
    ['before it is fetched, where its size is known', { 'content-length': 32 * mib }, 1],
    ['when the disk is full, where it is not', {}, 32],
  ])('an import that there is no room for fails %s, and gives all of it back', async (_, headers, sentMib) => {
    const directory = aDisk(16)
    const world = await anImageWorld({ directory })
    const { url } = await anImageServer((__, response) => {
      response.writeHead(200, headers).write(Buffer.alloc(sentMib * mib, 1))
    })
    const ended = await world.perform(await world.beginImport({ source: { url, checksum } }))
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'resource_exhausted', reason: 'IMAGE_NO_ROOM' } })
    expect(await readdir(directory)).toEqual([])
    expect(await world.images()).toEqual([])
  })
})
