import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { expect } from 'vitest'
import { qcow2 } from '#test/worker/images/image-bytes.ts'
import { checksumOf, type ImageWorld, sha256 } from './image-world.ts'

/** What stands behind the tables of a qcow2 is of no matter. */
export const anImage = () => Buffer.concat([qcow2(), randomBytes(2 ** 20)])

/** What is imported. */
export const content = anImage()
export const half = content.length / 2
export const checksum = checksumOf(content)

/** The image is in the catalogue, and its file is the only one. */
export async function expectImported({ images, files, file }: ImageWorld, expected = content) {
  expect(await files()).toEqual(['debian.qcow2'])
  expect(await readFile(file('debian.qcow2'))).toEqual(expected)
  expect(await images()).toMatchObject([
    {
      state: 'READY',
      format: 'qcow2',
      sizeBytes: expected.length,
      virtualSizeBytes: 2 ** 30,
      sha256: sha256(expected),
    },
  ])
}

export async function expectNothingLeft({ images, files }: ImageWorld) {
  expect(await files()).toEqual([])
  expect(await images()).toEqual([])
}

/** Sends the first half of what is asked for, and breaks the connection. */
export function breakHalfway(response: ServerResponse, whole: Buffer) {
  response.write(whole.subarray(0, half), () => response.destroy())
}
