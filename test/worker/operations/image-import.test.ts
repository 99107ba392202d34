import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { storeChunk } from '#db/image-chunks.ts'
import { eventually } from '#test/db/eventually.ts'
import { anOperation, aVm, readOperation } from '#test/db/rows.ts'
import { isoMark } from '#test/support/image-files.ts'
import { anImageServer, serveContent } from '#test/support/image-server.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { qcow2 } from '#test/worker/images/image-bytes.ts'
import { createExecutor } from '#worker/operations/executor.ts'
import type { StepMoment } from '#worker/operations/run-steps.ts'
import { anImageWorld, checksumOf, db, holdsTheImageGuarantees, type ImageWorld, sha256 } from './image-world.ts'

/** What stands behind the tables of a qcow2 is of no matter. */
const anImage = () => Buffer.concat([qcow2(), randomBytes(2 ** 20)])
function anIso(): Buffer {
  const iso = Buffer.alloc(2 ** 16)
  iso.write(isoMark.bytes, isoMark.offset)
  return iso
}
const content = anImage()
const half = content.length / 2
const checksum = checksumOf(content)
const log = pino({ level: 'silent' })

async function expectImported({ images, files, file }: ImageWorld, expected = content) {
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

async function expectNothingLeft({ images, files }: ImageWorld) {
  expect(await files()).toEqual([])
  expect(await images()).toEqual([])
}

/** Sends the first half of what is asked for, and breaks the connection. */
function breakHalfway(response: ServerResponse, whole: Buffer) {
  response.write(whole.subarray(0, half), () => response.destroy())
}

holdsTheImageGuarantees({
  kind: 'image.import',
  async arrange() {
    const world = await anImageWorld()
    const { url } = await anImageServer((request, response) =>
      response.end(serveContent(request, response, { content })),
    )
    return { world, operation: await world.beginImport({ source: { url, checksum } }) }
  },
  expectDone: expectImported,
})

test('no file has the name of the image before it is whole and was found good', async () => {
  const world = await anImageWorld()
  const { url } = await anImageServer((request, response) => response.end(serveContent(request, response, { content })))
  const seen: string[] = []
  const at = async (_: string, moment: StepMoment) => {
    if (moment === 'before') seen.push(...(await world.files()))
  }
  await world.perform(await world.beginImport({ source: { url, checksum } }), { at })
  expect(seen.length).toBeGreaterThan(0)
  expect(seen).not.toContain('debian.qcow2')
})

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

test('a file that has the name already stays as it is, also one that came meanwhile', async () => {
  const world = await anImageWorld()
  const { url } = await anImageServer((request, response) => response.end(serveContent(request, response, { content })))
  const failed = { status: 'failed', error: { code: 'already_exists', reason: 'IMAGE_NAME_TAKEN' } }
  const meanwhile = await world.beginImport({ source: { url, checksum } })
  const at = async (step: string, moment: StepMoment) => {
    if (step === 'place' && moment === 'before') await writeFile(world.file('debian.qcow2'), 'mine')
  }
  expect(await world.perform(meanwhile, { at })).toMatchObject(failed)
  expect(await readFile(world.file('debian.qcow2'), 'utf8')).toBe('mine')
  expect(await world.perform(await world.beginImport({ source: { url, checksum } }))).toMatchObject(failed)
  expect(await readFile(world.file('debian.qcow2'), 'utf8')).toBe('mine')
  expect(await world.files()).toEqual(['debian.qcow2'])
})

describe('an upload', () => {
  const begin = (world: ImageWorld, sizeBytes = content.length) =>
    world.beginImport({ source: { upload: { sizeBytes, checksum } } })
  const send = (imageId: string | null, offsetBytes: number, data: Buffer) =>
    storeChunk(db, imageId ?? '', { offsetBytes, data })

  test('goes on with what is on the disk when its worker was lost', async () => {
    const world = await anImageWorld()
    const operation = await begin(world)
    const stop = new AbortController()
    const first = world.perform(operation, { signal: stop.signal, attempts: 1 })
    await send(operation.imageId, 0, content.subarray(0, half))
    await eventually(async () => (await readOperation(db, operation.id)).progress?.doneBytes === half)
    stop.abort()
    expect(await first).toMatchObject({ status: 'queued' })
    const [partial = ''] = await world.files()
    await writeFile(world.file(partial), 'not said to be there', { flag: 'a' })
    expect(await send(operation.imageId, half, content.subarray(half))).toMatchObject({ stored: true })
    expect(await world.perform(operation)).toMatchObject({
      status: 'succeeded',
      attempt: 2,
      progress: { doneBytes: content.length, totalBytes: content.length },
    })
    await expectImported(world)
  })

  test('takes one piece at a time, the next one, and no more than was said', async () => {
    const world = await anImageWorld()
    const { imageId } = await begin(world)
    expect(await send(imageId, half, content.subarray(half))).toMatchObject({ stored: false })
    expect(await send(imageId, 0, Buffer.concat([content, content]))).toMatchObject({ stored: false })
    expect(await send(imageId, 0, content.subarray(0, 10))).toMatchObject({ stored: true })
    // The same again, because the answer was lost.
    expect(await send(imageId, 0, content.subarray(0, 20))).toMatchObject({ stored: true })
    expect(await db.sql`select length(data) from image_chunks where image_id = ${imageId}`).toMatchObject([
      { length: 20 },
    ])
  })

  test('that nobody continues is ended, with its piece', async () => {
    const world = await anImageWorld({ timing: { uploadIdleMs: 50 } })
    const operation = await begin(world)
    expect(await world.perform(operation)).toMatchObject({
      status: 'failed',
      error: { code: 'deadline_exceeded', reason: 'IMAGE_UPLOAD_ABANDONED' },
    })
    await expectNothingLeft(world)
    expect(await send(operation.imageId, 0, content)).toBeUndefined()
    expect(await db.sql`select from image_chunks where image_id = ${operation.imageId}`).toHaveLength(0)
  })
})

test.each([
  ['that waits for its server', { url: 'x', checksum }],
  ['that waits for its pieces', { upload: { sizeBytes: content.length } }],
])('an import %s ends when somebody asks for it', async (_, source) => {
  const world = await anImageWorld()
  const { url, requests } = await anImageServer(() => {})
  const operation = await world.beginImport({ source: 'url' in source ? { ...source, url } : source })
  const performed = world.perform(operation)
  await eventually(async () => ('url' in source ? requests.length : (await world.files()).length) > 0)
  await db.sql`update operations set cancel_requested_at = now() where id = ${operation.id}`
  expect(await performed).toMatchObject({ status: 'failed', error: { code: 'aborted', reason: 'CANCELLED' } })
  await expectNothingLeft(world)
})

test('imports take no place from operations on VMs', async () => {
  const world = await anImageWorld()
  const { url, requests } = await anImageServer(() => {})
  const [vm, images] = [await aVm(db, world.node.nodeId, { state: 'CREATING' }), { db, store: world.store }]
  const executor = createExecutor({
    db,
    log,
    hypervisor: world.hypervisor,
    images,
    secretBox: testSecretBox,
    claimant: world.node,
    concurrency: 1,
  })
  onTestFinished(() => executor.close(2000))
  for (const name of ['one', 'two', 'three']) await world.beginImport({ name, source: { url, checksum } })
  await executor.poll()
  await eventually(async () => requests.length === 3)
  const { id } = await anOperation(db, vm, 'vm.create')
  await executor.wake(id)
  expect(await eventually(async () => (await readOperation(db, id)).finishedAt)).toBeTruthy()
})
