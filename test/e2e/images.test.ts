import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { eventually } from '#test/db/eventually.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { anImageServer, serveContent } from '#test/support/image-server.ts'
import { anImageStore } from '#test/support/image-store.ts'
import { qcow2 } from '#test/worker/images/image-bytes.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { openSystem } from './open-system.ts'
import { headers, onPostgres, spec, succeeded } from './system.ts'

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

/** An API and a worker with an empty image directory. */
async function aSystem() {
  const directory = await mkdtemp(path.join(tmpdir(), 'qi-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const database = await createTestDatabase()
  const hypervisor = createSimulatedHypervisor({ imagesDirectory: directory })
  const images = anImageStore(directory)
  const queue = await onPostgres(database.url)
  const system = await openSystem({ database, queue, hypervisor, nodeId: randomUUID(), images })
  onTestFinished(system.close)
  return { ...system, directory, hypervisor }
}

/** A qcow2 of several pieces: what stands behind its tables is of no matter. */
const content = Buffer.concat([qcow2(), randomBytes(3 * 2 ** 20)])
const checksum = `sha256:${sha256(content)}`

test('an image comes from a URL, a VM is made from it, and it cannot be deleted before the VM', async () => {
  const { client, directory } = await aSystem()
  const { url } = await anImageServer((request, response) => response.end(serveContent(request, response, { content })))
  const body = { name: 'debian.qcow2', format: 'qcow2', source: { url, checksum } } as const
  const image = succeeded(await sdk.importImage({ client, headers, body }))
  expect(image).toMatchObject({
    name: 'debian.qcow2',
    state: 'READY',
    format: 'qcow2',
    sizeBytes: content.length,
    virtualSizeBytes: 2 ** 30,
    sha256: sha256(content),
    problem: null,
  })
  expect(await readdir(directory)).toEqual(['debian.qcow2'])
  expect(await readFile(path.join(directory, 'debian.qcow2'))).toEqual(content)

  const vm = succeeded(
    await sdk.createVm({
      client,
      headers,
      body: { name: 'web-1', spec: { ...spec, disks: [{ baseImage: 'debian.qcow2' }] } },
    }),
  )
  const refused = await sdk.deleteImage({ client, path: { id: image.id } })
  expect(refused.response?.status).toBe(409)
  expect(refused.error).toMatchObject({
    reason: 'IMAGE_IN_USE',
    details: { vms: [{ id: vm.id, name: 'web-1' }], operations: [] },
  })
  await sdk.deleteVm({ client, headers, path: { id: vm.id } })
  const deleted = await sdk.deleteImage({ client, headers, path: { id: image.id } })
  expect(deleted.response?.status).toBe(204)
  expect(await readdir(directory)).toEqual([])
  expect((await sdk.getImage({ client, path: { id: image.id } })).response?.status).toBe(404)
})

test('an image is uploaded piece by piece, each on the disk before it is said to be there', async () => {
  const { client, directory } = await aSystem()
  const body = {
    name: 'debian.qcow2',
    format: 'qcow2',
    source: { upload: { sizeBytes: content.length, checksum } },
  } as const
  const { id, operation } = succeeded(await sdk.importImage({ client, body }))
  const pieceBytes = 2 ** 20
  let offset = 0
  while (offset < content.length) {
    const piece = new Blob([content.subarray(offset, offset + pieceBytes)])
    const sent = await sdk.uploadImageContent({ client, path: { id }, query: { offset }, body: piece })
    const { doneBytes } = succeeded(sent)
    expect(doneBytes).toBe(Math.min(offset + pieceBytes, content.length))
    const [file = ''] = await readdir(directory)
    expect(await readFile(path.join(directory, file))).toEqual(content.subarray(0, doneBytes))
    offset = doneBytes
  }
  const ended = succeeded(await sdk.getOperation({ client, path: { id: operation?.id ?? '' }, query: { wait: 10 } }))
  expect(ended).toMatchObject({ status: 'succeeded', imageId: id, vmId: null })
  expect(ended.progress).toMatchObject({ doneBytes: content.length, totalBytes: content.length })
  expect(succeeded(await sdk.getImage({ client, path: { id } }))).toMatchObject({
    state: 'READY',
    sha256: sha256(content),
  })
  expect(await readFile(path.join(directory, 'debian.qcow2'))).toEqual(content)
})

test('an import that is cancelled ends within seconds and leaves nothing', async () => {
  const { client, directory } = await aSystem()
  const { url } = await anImageServer((_, response) => {
    response.writeHead(200, { 'content-length': content.length })
    response.write(content.subarray(0, 2 ** 20))
  })
  const body = { name: 'debian.qcow2', format: 'qcow2', source: { url, checksum } } as const
  const { id, operation } = succeeded(await sdk.importImage({ client, body }))
  const target = { client, path: { id: operation?.id ?? '' } }
  await eventually(async () => succeeded(await sdk.getOperation(target)).progress?.doneBytes === 2 ** 20)
  const asked = await sdk.cancelOperation(target)
  expect(asked.response?.status).toBe(202)
  expect(asked.data).toMatchObject({ cancelRequested: true, done: false })
  const ended = succeeded(await sdk.getOperation({ ...target, query: { wait: 10 } }))
  expect(ended).toMatchObject({ status: 'failed', error: { code: 'aborted', reason: 'CANCELLED' } })
  expect(await readdir(directory)).toEqual([])
  expect((await sdk.getImage({ client, path: { id } })).response?.status).toBe(404)
  // To ask again is no mistake.
  expect((await sdk.cancelOperation(target)).response?.status).toBe(202)
})
