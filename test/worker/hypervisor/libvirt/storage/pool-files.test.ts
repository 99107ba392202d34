import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { listPoolFiles } from '#worker/hypervisor/libvirt/storage/pool-files.ts'

test('a directory is listed whole or not at all', async ({ onTestFinished }) => {
  const directory = await mkdtemp(path.join(tmpdir(), 'qf-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await Promise.all(Array.from({ length: 10_000 }, (_, n) => writeFile(path.join(directory, String(n)), '')))
  expect(await listPoolFiles('fast', directory, '')).toHaveLength(10_000)
  await writeFile(path.join(directory, 'one more'), '')
  await expect(listPoolFiles('fast', directory, '')).rejects.toMatchObject({
    code: 'resource_exhausted',
    reason: 'DIRECTORY_TOO_LARGE',
  })
})
