import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { isoMark } from '#test/support/image-files.ts'
import { anImageServer } from '#test/support/image-server.ts'
import { qcow2 } from '#test/worker/images/image-bytes.ts'
import { anImage, breakHalfway, checksum, content, expectNothingLeft, half } from './image-imports.ts'
import { anImageWorld, checksumOf } from './image-world.ts'

function anIso(): Buffer {
  const iso = Buffer.alloc(2 ** 16)
  iso.write(isoMark.bytes, isoMark.offset)
  return iso
}

describe('an import fails, with why, and leaves nothing', () => {
  test.each<[string, string, (response: ServerResponse, nth: number) => void]>([
    ['where the server stops sending', 'IMAGE_URL_REFUSED', (response) => response.write('QFI')],
    [
      'where less comes than the server said, however often',
      'IMAGE_URL_REFUSED',
      (response) => {
        response.writeHead(200, { 'content-length': content.length })
        breakHalfway(response, content)
      },
    ],
    ['where more comes', 'IMAGE_CHECKSUM_MISMATCH', (response) => response.end(Buffer.concat([content, content]))],
    ['where it is other content', 'IMAGE_CHECKSUM_MISMATCH', (response) => response.end(anImage())],
    ['where there is none', 'IMAGE_URL_REFUSED', (response) => response.writeHead(404).end()],
    ['where it is empty', 'IMAGE_EMPTY', (response) => response.end()],
    [
      'where it comes packed',
      'IMAGE_URL_REFUSED',
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(content),
    ],
    [
      'where it redirects to a file',
      'IMAGE_URL_REFUSED',
      (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    ],
    [
      'where it redirects to an address that is not public',
      'IMAGE_URL_ADDRESS_REFUSED',
      (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
    ],
    [
      'where it redirects to a name whose address is not public',
      'IMAGE_URL_ADDRESS_REFUSED',
      // Beside the one address of this machine that is allowed here.
      (response) => response.writeHead(302, { location: 'http://[::1]/' }).end(),
    ],
    [
      'where it redirects for ever',
      'IMAGE_URL_REFUSED',
      (response) => response.writeHead(302, { location: '/' }).end(),
    ],
    [
      'where there is no room for it',
      'IMAGE_NO_ROOM',
      (response) => response.writeHead(200, { 'content-length': 2 ** 52 }).write('QFI'),
    ],
  ])('%s', async (_, reason, answer) => {
    const world = await anImageWorld({ maxBytes: 2 ** 53, timing: { idleMs: 50, retryMs: 1 } })
    const { url } = await anImageServer((__, response, nth) => answer(response, nth))
    const ended = await world.perform(await world.beginImport({ source: { url, checksum } }))
    expect(ended).toMatchObject({ status: 'failed', error: { reason } })
    await expectNothingLeft(world)
  })

  test.each<[string, string, Buffer]>([
    [
      'where it would show another file to a guest',
      'IMAGE_HAS_BACKING_FILE',
      qcow2({ backingOffset: 200n, backingBytes: 11 }),
    ],
    ['where it is of another format than was declared', 'IMAGE_FORMAT_MISMATCH', anIso()],
  ])('%s', async (_, reason, bad) => {
    const world = await anImageWorld()
    const { url } = await anImageServer((__, response) => response.end(bad))
    const ended = await world.perform(await world.beginImport({ source: { url, checksum: checksumOf(bad) } }))
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'failed_precondition', reason } })
    await expectNothingLeft(world)
  })

  test('where it is larger than the node takes, whether the server says so or not', async () => {
    const world = await anImageWorld({ maxBytes: half })
    for (const says of [true, false]) {
      const { url } = await anImageServer((_, response) =>
        response.writeHead(200, says ? { 'content-length': content.length } : {}).end(content),
      )
      const ended = await world.perform(await world.beginImport({ source: { url, checksum } }))
      expect(ended).toMatchObject({ status: 'failed', error: { reason: 'IMAGE_TOO_LARGE' } })
      await expectNothingLeft(world)
    }
  })
})
