import { randomBytes, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { recordImageImport } from '#db/operations/record-image.ts'
import { images } from '#db/schema/image.ts'
import { eventually } from '#test/db/eventually.ts'
import { aNode, readOperation } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { anImageServer, serveContent } from '#test/support/image-server.ts'
import { qcow2 } from '#test/worker/images/image-bytes.ts'
import { checksumOf } from '#test/worker/operations/image-world.ts'
import { aStateDirectory, startWorkerProcess } from './worker-process.ts'

const db = await createTestDatabase()
const content = Buffer.concat([qcow2(), randomBytes(2 ** 20)])
const half = content.length / 2

/** A worker that starts on a busy machine needs its time. */
const timeoutMs = 12_000

async function begin(url: string) {
  const { nodeId } = await aNode(db)
  const stateDirectory = aStateDirectory(nodeId)
  const ids = { imageId: randomUUID(), operationId: randomUUID() }
  const source = { url, checksum: checksumOf(content) }
  await recordImageImport(db, { ...ids, nodeId, name: 'debian.qcow2', format: 'qcow2', source })
  return {
    place: { stateDirectory, databaseUrl: db.url, libvirtUri: 'simulated:///' },
    directory: path.join(stateDirectory, 'images'),
    ...ids,
  }
}

async function expectImported({ operationId, imageId, directory }: Awaited<ReturnType<typeof begin>>) {
  const ended = await eventually(async () => {
    const operation = await readOperation(db, operationId)
    return operation.finishedAt && operation
  }, timeoutMs)
  expect(ended).toMatchObject({ status: 'succeeded', attempt: 2 })
  expect(await readdir(directory)).toEqual(['debian.qcow2'])
  expect(await readFile(path.join(directory, 'debian.qcow2'))).toEqual(content)
  expect(await db.drizzle.select().from(images).where(eq(images.id, imageId))).toMatchObject([{ state: 'READY' }])
}

test.each(['receive/recorded', 'verify/after', 'place/after'])(
  'a worker killed in image.import at %s leaves one image',
  { timeout: 4 * timeoutMs },
  async (killAt) => {
    const { url } = await anImageServer((request, response) =>
      response.end(serveContent(request, response, { content })),
    )
    const begun = await begin(url)
    expect(await startWorkerProcess(begun.place, killAt).ended).toBe('SIGKILL')
    startWorkerProcess(begun.place)
    await expectImported(begun)
  },
)

test('a worker killed while it fetches goes on with what it had', { timeout: 4 * timeoutMs }, async () => {
  const { url, requests } = await anImageServer((request, response, nth) => {
    const rest = serveContent(request, response, { content })
    if (nth === 1) response.write(rest.subarray(0, half))
    else response.end(rest)
  })
  const begun = await begin(url)
  const worker = startWorkerProcess(begun.place)
  await eventually(async () => (await readOperation(db, begun.operationId)).progress?.doneBytes === half, timeoutMs)
  await worker.kill('SIGKILL')
  startWorkerProcess(begun.place)
  await expectImported(begun)
  expect(requests.map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${half}-`])
})
