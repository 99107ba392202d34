import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { newId } from '#db/new-id.ts'
import { images } from '#db/schema/image.ts'
import { anOperation, aVm, one, startTestApi, storedSpec, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const checksum = `sha256:${'a'.repeat(64)}`
const url = 'https://images.example.com/debian.qcow2'
const wanted = (parts: object = {}) => ({
  name: `image-${randomUUID()}`,
  format: 'qcow2',
  source: { url, checksum },
  ...parts,
})
const upload = (sizeBytes = 100) => wanted({ source: { upload: { sizeBytes } } })
const send = (body: unknown) => api.send('POST', '/api/v1/images', body)

const put = (id: string, offset: number | string, body: string, type = 'application/octet-stream') =>
  api.send('PUT', `/api/v1/images/${id}/content?offset=${offset}`, body, { 'Content-Type': type })

test('an import is accepted with its image and its operation, and the node is rung', async () => {
  const body = wanted()
  const answer = await send(body)
  expect(answer.status).toBe(202)
  expect(answer.body).toMatchObject({
    name: body.name,
    nodeId: api.node.id,
    state: 'IMPORTING',
    format: null,
    sizeBytes: null,
    operation: { kind: 'image.import', status: 'queued' },
    progress: { doneBytes: 0, totalBytes: null },
  })
  expect(answer.headers.get('location')).toBe(`/api/v1/images/${answer.body.id}`)
  expect(api.doorbell.rings.at(-1)?.id).toBe(answer.body.operation.id)
  expect((await api.send('GET', `/api/v1/images/${answer.body.id}`)).body).toEqual(answer.body)
  const operation = await api.send('GET', `/api/v1/operations?imageId=${answer.body.id}`)
  expect(operation.body.items).toMatchObject([{ id: answer.body.operation.id, vmId: null, imageId: answer.body.id }])
})

test.each<[string, object]>([
  ['name', { name: '../../etc/passwd' }],
  ['name', { name: '.hidden' }],
  ['name', { name: 'a/b' }],
  ['format', { format: 'vmdk' }],
  ['nodeId', { nodeId: 'node-1' }],
  ['source.url', { source: { url: 'file:///etc/passwd', checksum } }],
  ['source.url', { source: { url: 'ftp://example.com/x', checksum } }],
  ['source.url', { source: { url: 'https://user:password@example.com/x', checksum } }],
  ['source.url', { source: { url: 'debian.qcow2', checksum } }],
  ['source.checksum', { source: { url } }],
  ['source.checksum', { source: { url, checksum: 'md5:d41d8cd98f00b204e9800998ecf8427e' } }],
  ['source.checksum', { source: { url, checksum: `sha512:${'a'.repeat(64)}` } }],
  ['source.url', { source: { url, upload: { sizeBytes: 1 } } }],
  ['source.upload.sizeBytes', { source: { upload: { sizeBytes: 0 } } }],
  ['source.upload.sizeBytes', { source: { upload: {} } }],
  ['source', { source: {} }],
  ['source.path', { source: { url, checksum, path: '/etc/passwd' } }],
])('a wrong %s is refused by name', async (field, parts) => {
  const { status, body } = await send(wanted(parts))
  expect(status).toBe(400)
  expect(body.details.problems.map((problem: { field: string }) => problem.field)).toEqual([field])
})

test('two imports of one name on one node are not both accepted', async () => {
  const body = wanted()
  const answers = await Promise.all([send(body), send(body)])
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 409])
  const refused = one(answers.find(({ status }) => status === 409))
  expect(refused.body).toMatchObject({
    code: 'already_exists',
    reason: 'IMAGE_NAME_TAKEN',
    details: { state: 'IMPORTING' },
  })
})

test('a node that does not exist is refused', async () => {
  expect(await send(wanted({ nodeId: randomUUID() }))).toMatchObject({
    status: 404,
    body: { reason: 'NODE_NOT_FOUND' },
  })
})

test('a piece is taken only where it belongs, and as what it is', async () => {
  const { id } = (await send(upload())).body
  expect(await put(id, 0, 'x', 'text/plain')).toMatchObject({ status: 415, body: { reason: 'UNSUPPORTED_MEDIA_TYPE' } })
  expect(await put(id, 10, 'x')).toMatchObject({
    status: 409,
    body: { reason: 'UPLOAD_OFFSET_MISMATCH', details: { doneBytes: 0, totalBytes: 100 } },
  })
  expect(await put(id, 0, 'x'.repeat(101))).toMatchObject({ status: 400, body: { reason: 'UPLOAD_TOO_LONG' } })
  expect(await put(id, 0, '')).toMatchObject({ status: 400 })
  expect(await put(id, -1, 'x')).toMatchObject({ status: 400 })
  expect(await put(id, 0, 'x'.repeat(8 * 2 ** 20 + 1))).toMatchObject({
    status: 413,
    body: { reason: 'BODY_TOO_LARGE' },
  })
  expect(await put(newId(), 0, 'x')).toMatchObject({ status: 404, body: { reason: 'IMAGE_NOT_FOUND' } })
  const fetched = (await send(wanted())).body
  expect(await put(fetched.id, 0, 'x')).toMatchObject({ status: 409, body: { reason: 'IMAGE_NOT_UPLOADING' } })
})

test('no more pieces wait than there is room for', async () => {
  const uploads = await Promise.all(Array.from({ length: 33 }, async () => (await send(upload())).body))
  for (const { id } of uploads.slice(0, 32)) {
    await api.database.sql`insert into image_chunks (image_id, offset_bytes, data) values (${id}, 0, 'x')`
  }
  const { status, body, headers } = await put(one(uploads[32]).id, 0, 'x')
  expect([status, body.reason, headers.get('retry-after')]).toEqual([503, 'TOO_MANY_UPLOADS', '1'])
  await api.database.sql`delete from image_chunks`
})

test('an import is cancelled, and asked again it is no mistake', async () => {
  const { operation } = (await send(wanted())).body
  for (let times = 0; times < 2; times++) {
    const answer = await api.send('POST', `/api/v1/operations/${operation.id}/cancel`)
    expect(answer).toMatchObject({ status: 202, body: { cancelRequested: true, done: false } })
  }
})

test('what cannot be cancelled says why', async () => {
  const cancel = (id: string) => api.send('POST', `/api/v1/operations/${id}/cancel`)
  const started = await anOperation(api, await aVm(api))
  expect(await cancel(started.id)).toMatchObject({ status: 409, body: { reason: 'OPERATION_NOT_CANCELLABLE' } })
  const ended = await anOperation(api, await aVm(api), { status: 'succeeded' })
  expect(await cancel(ended.id)).toMatchObject({ status: 409, body: { reason: 'OPERATION_ENDED' } })
  expect(await cancel(newId())).toMatchObject({ status: 404, body: { reason: 'OPERATION_NOT_FOUND' } })
})

async function aReadyImage() {
  const id = newId()
  const name = `image-${id}`
  await api.database.drizzle
    .insert(images)
    .values({ id, name, nodeId: api.node.id, format: 'iso', sizeBytes: 1, fingerprint: '1', modifiedAt: new Date() })
  return { id, name }
}

test('an image that nothing needs is deleted; one that is being imported or deleted is not', async () => {
  const { id } = await aReadyImage()
  const remove = (image: string) => api.send('DELETE', `/api/v1/images/${image}`)
  expect(await remove(id)).toMatchObject({
    status: 202,
    body: { state: 'DELETING', operation: { kind: 'image.delete' } },
  })
  expect(await remove(id)).toMatchObject({ status: 409, body: { reason: 'OPERATION_IN_PROGRESS' } })
  const importing = (await send(wanted())).body
  expect(await remove(importing.id)).toMatchObject({
    status: 409,
    body: { reason: 'OPERATION_IN_PROGRESS', details: { operationId: importing.operation.id } },
  })
  expect(await remove(newId())).toMatchObject({ status: 404 })
})

test('an image that a cdrom holds, or an operation is about to use, is not deleted', async () => {
  const held = await aReadyImage()
  const vm = await aVm(api, { spec: { ...storedSpec, cdroms: [{ target: 'sda', iso: held.name }] } as never })
  expect(await api.send('DELETE', `/api/v1/images/${held.id}`)).toMatchObject({
    status: 409,
    body: { reason: 'IMAGE_IN_USE', details: { vms: [{ id: vm.id, name: vm.name }], operations: [] } },
  })
  const wantedSoon = await aReadyImage()
  const other = await aVm(api)
  const input = { vmId: other.id, media: { iso: wantedSoon.name } }
  const operation = await anOperation(api, other, { input })
  expect(await api.send('DELETE', `/api/v1/images/${wantedSoon.id}`)).toMatchObject({
    status: 409,
    body: { reason: 'IMAGE_IN_USE', details: { vms: [], operations: [{ id: operation.id, kind: 'vm.start' }] } },
  })
})
