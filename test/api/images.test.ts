import { randomUUID } from 'node:crypto'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { newId } from '#db/new-id.ts'
import { type ImageRow, images } from '#db/schema/image.ts'
import { aNode, one, startTestApi, type TestApi, wantedVm } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
beforeEach(async () => {
  await api.database.sql`truncate images cascade`
})

async function anImage(given: Partial<ImageRow> = {}): Promise<ImageRow> {
  const [row] = await api.database.drizzle
    .insert(images)
    .values({
      id: newId(),
      nodeId: api.node.id,
      name: `image-${randomUUID()}.qcow2`,
      format: 'qcow2',
      sizeBytes: 262_144,
      virtualSizeBytes: 2 ** 30,
      fingerprint: randomUUID(),
      modifiedAt: new Date('2026-11-20T17:30:00.000Z'),
      ...given,
    })
    .returning()
  return one(row)
}

test('an image is shown with its format, its sizes and its checksum', async () => {
  const sha256 = 'ab'.repeat(32)
  const { id, firstSeenAt } = await anImage({ name: 'debian-12.qcow2', sizeBytes: 2 ** 45, sha256 })
  const { status, body } = await api.send('GET', '/api/v1/images')
  expect(status).toBe(200)
  expect(body).toEqual({
    items: [
      {
        id,
        nodeId: api.node.id,
        name: 'debian-12.qcow2',
        state: 'READY',
        format: 'qcow2',
        sizeBytes: 2 ** 45,
        virtualSizeBytes: 2 ** 30,
        sha256,
        modifiedAt: '2026-11-20T17:30:00.000Z',
        problem: null,
        firstSeenAt: firstSeenAt.toISOString(),
      },
    ],
    nextCursor: null,
  })
})

test('a file that no VM can use is shown with why', async () => {
  const problem = { reason: 'IMAGE_HAS_BACKING_FILE', message: 'it has a backing file' }
  await anImage({ format: null, virtualSizeBytes: null, problem })
  const { body } = await api.send('GET', '/api/v1/images')
  expect(body.items).toMatchObject([{ format: null, virtualSizeBytes: null, sha256: null, problem }])
})

test('the images of one node can be asked for, and pages hold each of them once', async () => {
  const other = await aNode(api.database)
  await anImage({ nodeId: other.id })
  const ids: string[] = []
  for (let count = 0; count < 5; count++) ids.unshift((await anImage()).id)
  const path = `/api/v1/images?nodeId=${api.node.id}&limit=3`
  const first = await api.send('GET', path)
  const second = await api.send('GET', `${path}&cursor=${first.body.nextCursor}`)
  expect([...first.body.items, ...second.body.items].map(({ id }) => id)).toEqual(ids)
  expect(second.body.nextCursor).toBeNull()
  expect((await api.send('GET', `/api/v1/images?nodeId=${randomUUID()}`)).body.items).toEqual([])
})

test('a node id that is none is refused by name', async () => {
  const { status, body } = await api.send('GET', '/api/v1/images?nodeId=node-1')
  expect(status).toBe(400)
  expect(body).toMatchObject({ code: 'invalid_argument', message: expect.stringContaining('nodeId') })
})

test('two images of a node cannot have one name', async () => {
  const { name } = await anImage()
  await expect(anImage({ name })).rejects.toMatchObject({
    cause: { constraint_name: 'images_node_name_unique' },
  })
  const other = await aNode(api.database)
  await expect(anImage({ name, nodeId: other.id })).resolves.toMatchObject({ name })
})

const withDrives = (drives: object) => {
  const vm = wantedVm()
  return { ...vm, spec: { ...vm.spec, ...drives } }
}
const debianAndSetup = { disks: [{ baseImage: 'debian.qcow2' }], cdroms: [{ iso: 'setup.iso' }] }
const longAgo = { lastSeenAt: new Date('2026-01-01') }
const nodeOf = async (drives: object) => {
  const { status, body } = await api.send('POST', '/api/v1/vms', withDrives(drives))
  expect(status).toBe(202)
  return body.status.nodeId
}

test('a VM goes to the node that has its images, though others were seen later', async () => {
  const having = await aNode(api.database, longAgo)
  const halfHaving = await aNode(api.database)
  await anImage({ nodeId: halfHaving.id, name: 'debian.qcow2' })
  await anImage({ nodeId: having.id, name: 'debian.qcow2' })
  await anImage({ nodeId: having.id, name: 'setup.iso', format: 'iso' })
  expect(await nodeOf(debianAndSetup)).toBe(having.id)
})

test('a VM goes to a node with room for all of its disks, though another was seen later', async () => {
  const seen = (afterMs: number) => ({ lastSeenAt: new Date(Date.now() + 30_000 + afterMs) })
  const roomy = await aNode(api.database, { ...seen(0), storageFreeBytes: 50 * 2 ** 30 })
  const latest = await aNode(api.database, { ...seen(1000), storageFreeBytes: 5 * 2 ** 30 })
  expect(await nodeOf({ disks: [{ sizeGib: 20 }, { sizeGib: 30 }] })).toBe(roomy.id)
  expect(await nodeOf({ disks: [{ sizeGib: 5 }] })).toBe(latest.id)
})

test.each([
  ['cannot be used', { format: null, problem: { reason: 'IMAGE_EMPTY', message: 'it is an empty file' } }],
  ['is of the wrong kind', { format: 'iso' as const }],
])('an image that %s draws no VM to its node', async (_, image) => {
  const { id } = await aNode(api.database, longAgo)
  await anImage({ ...image, nodeId: id, name: 'debian.qcow2' })
  expect(await nodeOf({ disks: [{ baseImage: 'debian.qcow2' }] })).not.toBe(id)
})

test('a VM whose image no node is known to have is accepted: it may have come a moment ago', async () => {
  const latest = await aNode(api.database, { lastSeenAt: new Date(Date.now() + 60_000) })
  expect(await nodeOf({ disks: [{ baseImage: 'new.qcow2' }] })).toBe(latest.id)
})
