import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { eventually } from '#test/db/eventually.ts'
import { readOperation } from '#test/db/rows.ts'
import { anImageServer, serveContent } from '#test/support/image-server.ts'
import { anImage, breakHalfway, checksum, content, expectImported, half } from './image-imports.ts'
import { anImageWorld, checksumOf, db } from './image-world.ts'

describe('a connection that breaks', () => {
  test('is gone on with where it broke', async () => {
    const world = await anImageWorld()
    const { url, requests } = await anImageServer((request, response, nth) => {
      const rest = serveContent(request, response, { content })
      if (nth === 1) breakHalfway(response, rest)
      else response.end(rest)
    })
    const ended = await world.perform(await world.beginImport({ source: { url, checksum } }))
    expect(ended).toMatchObject({ status: 'succeeded', attempt: 1 })
    expect(requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=[1-9]\d+-$/),
    ])
    await expectImported(world)
  })

  test('is gone on with by the next worker, with what was on the disk', async () => {
    const world = await anImageWorld()
    const stop = new AbortController()
    const { url, requests } = await anImageServer((request, response, nth) => {
      const rest = serveContent(request, response, { content })
      if (nth === 1) response.write(rest.subarray(0, half))
      else response.end(rest)
    })
    const operation = await world.beginImport({ source: { url, checksum } })
    const first = world.perform(operation, { signal: stop.signal, attempts: 1 })
    await eventually(async () => (await readOperation(db, operation.id)).progress?.doneBytes === half)
    stop.abort()
    expect(await first).toMatchObject({ status: 'queued', progress: { doneBytes: half, totalBytes: content.length } })
    // Written, but nobody said that it is on the disk: a power cut may have taken it.
    const [partial = ''] = await world.files()
    await writeFile(world.file(partial), Buffer.alloc(100), { flag: 'a' })
    expect(await world.perform(operation)).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect(requests.map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${half}-`])
    await expectImported(world)
  })

  test('begins again where the server cannot go on', async () => {
    const world = await anImageWorld()
    const { url } = await anImageServer((_, response, nth) => {
      response.writeHead(200, { 'content-length': content.length, etag: '"1"' })
      if (nth === 1) breakHalfway(response, content)
      else response.end(content)
    })
    expect(await world.perform(await world.beginImport({ source: { url, checksum } }))).toMatchObject({
      status: 'succeeded',
    })
    await expectImported(world)
  })

  test('begins again where the content is another one by then', async () => {
    const world = await anImageWorld()
    const next = anImage()
    const { url } = await anImageServer((request, response, nth) => {
      if (nth === 1) return breakHalfway(response, serveContent(request, response, { content }))
      response.end(serveContent(request, response, { content: next, etag: '"2"' }))
    })
    const source = { url, checksum: checksumOf(next) }
    expect(await world.perform(await world.beginImport({ source }))).toMatchObject({ status: 'succeeded' })
    await expectImported(world, next)
  })

  test('does not go on with the rest of something else, whatever the server says', async () => {
    const world = await anImageWorld()
    const next = anImage()
    const { url, requests } = await anImageServer((request, response, nth) => {
      if (nth === 1) return breakHalfway(response, serveContent(request, response, { content }))
      // It does not look at If-Range.
      const headers = { ...request.headers, ...(request.headers.range && { 'if-range': '"2"' }) }
      response.end(serveContent({ ...request, headers } as never, response, { content: next, etag: '"2"' }))
    })
    const source = { url, checksum: checksumOf(next) }
    expect(await world.perform(await world.beginImport({ source }))).toMatchObject({ status: 'succeeded' })
    expect(requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=[1-9]\d+-$/),
      undefined,
    ])
    await expectImported(world, next)
  })
})

test('a server that is busy is asked again', async () => {
  const world = await anImageWorld()
  const { url } = await anImageServer((request, response, nth) =>
    nth < 3 ? response.writeHead(503).end() : response.end(serveContent(request, response, { content })),
  )
  expect(await world.perform(await world.beginImport({ source: { url, checksum } }))).toMatchObject({
    status: 'succeeded',
    attempt: 1,
  })
})
