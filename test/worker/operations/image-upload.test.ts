import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { storeChunk } from '#db/image-chunks.ts'
import { eventually } from '#test/db/eventually.ts'
import { readOperation } from '#test/db/rows.ts'
import { checksum, content, expectImported, expectNothingLeft, half } from './image-imports.ts'
import { anImageWorld, db, type ImageWorld } from './image-world.ts'

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
