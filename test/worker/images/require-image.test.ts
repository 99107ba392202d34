import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeImage } from '#test/support/image-files.ts'
import { requireImage } from '#worker/images/require-image.ts'
import { qcow2 } from './image-bytes.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'images-'))
})
afterAll(() => rm(directory, { recursive: true }))

const wanted = { noun: 'base image', formats: ['qcow2', 'raw'] } as const

test('a file is taken with its format and the size of the disk in it', async () => {
  const file = path.join(directory, 'good.img')
  await writeFile(file, qcow2())
  expect(await requireImage(file, wanted)).toEqual({ format: 'qcow2', virtualSizeBytes: 2 ** 30 })
})

test('a file of 8 TiB is inspected by its ends', async () => {
  const file = path.join(directory, 'large.img')
  await writeImage(file, 2 ** 43)
  expect(await requireImage(file, wanted)).toEqual({ format: 'raw', virtualSizeBytes: 2 ** 43 })
})

test('what is refused is named, with why and what to do', async () => {
  const file = path.join(directory, 'overlay.qcow2')
  await writeFile(file, qcow2({ backingOffset: 200n, backingBytes: 11 }))
  await expect(requireImage(file, wanted)).rejects.toMatchObject({
    code: 'failed_precondition',
    reason: 'IMAGE_HAS_BACKING_FILE',
    message:
      'The base image "overlay.qcow2" cannot be used: it has a backing file, whose content it would show; ' +
      'copy it into one file where you trust it: qemu-img convert -f qcow2 -O qcow2.',
  })
})

test.for([
  ['link', (file: string) => symlink('/etc/passwd', file)],
  ['directory', (file: string) => mkdir(file)],
  ['pipe that nobody writes to', (file: string) => execFileSync('mkfifo', [file])],
] as const)('a %s is no image, and is not waited for', async ([name, make]) => {
  const file = path.join(directory, name)
  await make(file)
  await expect(requireImage(file, wanted)).rejects.toMatchObject({
    code: 'failed_precondition',
    reason: 'IMAGE_NOT_A_FILE',
  })
})
