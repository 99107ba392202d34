import { beforeAll, expect, test } from 'vitest'
import { vms } from '#db/schema/vm.ts'
import { anOperation, aVm, endOperation, one, startTestApi, type TestApi, wantedVm } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

/** Sends a request that waits, and ends its operation as soon as it is rung for. */
async function whileWaiting(request: Promise<unknown>, end: (operationId: string) => Promise<void>) {
  const seen = api.doorbell.rings.length
  const answer = request
  const deadline = Date.now() + 5000
  while (api.doorbell.rings.length === seen) {
    if (Date.now() > deadline) throw new Error('nothing was rung for')
    await new Promise(setImmediate)
  }
  await end(one(api.doorbell.rings.at(-1)).id)
  return (await answer) as Awaited<ReturnType<TestApi['send']>>
}

const wait = { Prefer: 'wait=20' }

test('an operation shows its kind, its VM, its state and its error', async () => {
  const vm = await aVm(api)
  const snapshotId = '019377a1-0b40-7a55-8e0f-6b1f9a7c2d02'
  const error = { code: 'failed_precondition' as const, message: 'No', reason: 'NO', details: { a: 1 } }
  const operation = await anOperation(api, vm, {
    kind: 'snapshot.create',
    input: { vmId: vm.id, snapshotId },
    status: 'failed',
    attempt: 2,
    error,
    startedAt: new Date('2026-11-20T18:00:00Z'),
    finishedAt: new Date('2026-11-20T18:00:01Z'),
  })
  const answer = await api.send('GET', `/api/v1/operations/${operation.id}`)
  expect(answer.status).toBe(200)
  expect(answer.body).toEqual({
    id: operation.id,
    kind: 'snapshot.create',
    status: 'failed',
    done: true,
    vmId: vm.id,
    imageId: null,
    storagePoolId: null,
    volumeId: null,
    snapshotId,
    nodeId: vm.nodeId,
    attempt: 2,
    progress: null,
    cancelRequested: false,
    error,
    result: null,
    createdAt: operation.createdAt.toISOString(),
    startedAt: '2026-11-20T18:00:00.000Z',
    finishedAt: '2026-11-20T18:00:01.000Z',
  })
})

test('a wait on an operation ends with it', async () => {
  const vm = await aVm(api)
  const operation = await anOperation(api, vm, { status: 'running' })
  const waiting = api.send('GET', `/api/v1/operations/${operation.id}?wait=20`)
  await endOperation(api.database, operation.id, null)
  expect(await waiting).toMatchObject({ status: 200, body: { status: 'succeeded', done: true } })
})

test('a wait on an operation that goes on ends with the time', async () => {
  const operation = await anOperation(api, await aVm(api), { status: 'undoing' })
  const answer = await api.send('GET', `/api/v1/operations/${operation.id}?wait=1`)
  expect(answer).toMatchObject({ status: 200, body: { status: 'undoing', done: false } })
})

test('a wait ends when its client has gone', async () => {
  const operation = await anOperation(api, await aVm(api))
  const client = new AbortController()
  const answer = api.app.request(`/api/v1/operations/${operation.id}?wait=30`, { signal: client.signal })
  client.abort()
  expect(await (await answer).json()).toMatchObject({ done: false })
})

test('an operation that does not exist is not found', async () => {
  const answer = await api.send('GET', '/api/v1/operations/019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11')
  expect(answer).toMatchObject({ status: 404, body: { code: 'not_found', reason: 'OPERATION_NOT_FOUND' } })
})

test('operations are listed newest first, of all VMs or of one, also of one that is gone', async () => {
  const vm = await aVm(api)
  const ids: string[] = []
  for (let count = 0; count < 3; count++) ids.push((await anOperation(api, vm, { status: 'succeeded' })).id)
  await anOperation(api, await aVm(api))
  await api.database.sql`delete from vms where id = ${vm.id}`
  const first = await api.send('GET', `/api/v1/operations?vmId=${vm.id}&limit=2`)
  const second = await api.send('GET', `/api/v1/operations?vmId=${vm.id}&limit=2&cursor=${first.body.nextCursor}`)
  expect([...first.body.items, ...second.body.items].map(({ id }) => id)).toEqual(ids.toReversed())
  const all = await api.send('GET', '/api/v1/operations?limit=200')
  expect(all.body.items.length).toBeGreaterThan(3)
})

test('operations are listed of an adopted VM too, whose UUID is of no RFC version', async () => {
  const vm = await aVm(api, { id: '019377a0-6e00-0c3e-0b1a-3f5f0c2d7e11' })
  const { id } = await anOperation(api, vm)
  const { status, body } = await api.send('GET', `/api/v1/operations?vmId=${vm.id}`)
  expect([status, body.items]).toMatchObject([200, [{ id }]])
})

test('a create that is waited for is answered with the VM as it became', async () => {
  const answer = await whileWaiting(api.send('POST', '/api/v1/vms', wantedVm(), wait), (id) =>
    endOperation(api.database, id, null, { state: 'STOPPED' }),
  )
  expect(answer.status).toBe(200)
  expect(answer.body).toMatchObject({ status: { state: 'STOPPED' } })
  expect(answer.body).not.toHaveProperty('operation')
  expect(answer.headers.get('preference-applied')).toBe('wait=20')
  expect(answer.headers.get('location')).toBe(`/api/v1/vms/${answer.body.id}`)
  expect(answer.headers.get('operation-location')).toMatch(/^\/api\/v1\/operations\//)
})

test('an operation that fails while it is waited for is answered with its own status and error', async () => {
  const vm = await aVm(api)
  const error = {
    code: 'failed_precondition' as const,
    message: 'The image debian.qcow2 is not there.',
    reason: 'BASE_IMAGE_NOT_FOUND',
    details: { image: 'debian.qcow2' },
  }
  const answer = await whileWaiting(api.send('POST', `/api/v1/vms/${vm.id}/start`, undefined, wait), (id) =>
    endOperation(api.database, id, error, { state: 'STOPPED' }),
  )
  expect(answer.status).toBe(409)
  expect(answer.body).toEqual({ ...error, requestId: answer.headers.get('x-request-id') })
  expect(answer.headers.get('operation-location')).toMatch(/^\/api\/v1\/operations\//)
})

test('a delete that is waited for is answered with 204', async () => {
  const vm = await aVm(api)
  const answer = await whileWaiting(api.send('DELETE', `/api/v1/vms/${vm.id}`, undefined, wait), async (id) => {
    await endOperation(api.database, id, null)
    await api.database.sql`delete from vms where id = ${vm.id}`
  })
  expect(answer).toMatchObject({ status: 204, body: null })
  expect(await api.database.drizzle.$count(vms)).toBeGreaterThan(0)
})

test('a mutation that takes longer than the wait is answered with 202', async () => {
  const answer = await api.send('POST', '/api/v1/vms', wantedVm(), { Prefer: 'respond-async, wait=1' })
  expect(answer.status).toBe(202)
  expect(answer.body).toMatchObject({ status: { state: 'CREATING' }, operation: { status: 'queued' } })
  expect(answer.headers.get('preference-applied')).toBe('wait=1')
})

test('a preference that cannot be read is ignored', async () => {
  const answer = await api.send('POST', '/api/v1/vms', wantedVm(), { Prefer: 'wait=soon, handling=lenient' })
  expect(answer.status).toBe(202)
  expect(answer.headers.get('preference-applied')).toBeNull()
})
