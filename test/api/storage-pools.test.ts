import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#db/new-id.ts'
import { storagePools } from '#db/schema/storage-pool.ts'
import { volumes } from '#db/schema/volume.ts'
import { findPoolSecret, poolSecretPlace } from '#db/secrets/pool-secret.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { aVm, endOperation, one, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const pools = () => `/api/v1/nodes/${api.node.id}/storage-pools`
const source = { type: 'local-dir', path: '/srv/pool' } as const

async function aPool(given: Partial<typeof storagePools.$inferInsert> = {}) {
  const id = newId()
  const [row] = await api.database.drizzle
    .insert(storagePools)
    .values({ id, nodeId: api.node.id, name: `p-${id}`, source, active: true, ...given })
    .returning()
  return one(row)
}

async function aVolume(storagePoolId: string, given: Partial<typeof volumes.$inferInsert> = {}) {
  const id = newId()
  const [row] = await api.database.drizzle
    .insert(volumes)
    .values({ id, storagePoolId, name: `v-${id}`, format: 'qcow2', sizeBytes: 2 ** 30, allocationBytes: 0, ...given })
    .returning()
  return one(row)
}

describe('a storage pool', () => {
  test('that is asked for is there at once, being made, and its node is rung', async () => {
    const answer = await api.send('POST', pools(), { name: 'fast', source })
    expect(answer).toMatchObject({
      status: 202,
      body: { name: 'fast', nodeId: api.node.id, state: 'CREATING', source, capacityBytes: null },
    })
    const { operation } = answer.body
    expect(operation).toMatchObject({ kind: 'storage-pool.create', status: 'queued' })
    expect(api.doorbell.rings).toContainEqual({ ...operation, status: undefined, nodeId: api.node.id })
    expect(answer.headers.get('location')).toBe(`${pools()}/fast`)
    expect((await api.send('GET', `${pools()}/fast`)).body).toEqual(answer.body)
    expect((await api.send('GET', `/api/v1/operations/${operation.id}`)).body).toMatchObject({
      storagePoolId: answer.body.id,
      vmId: null,
    })
  })

  test('is not made twice under one name', async () => {
    const { name } = await aPool()
    const answer = await api.send('POST', pools(), { name, source })
    expect(answer).toMatchObject({ status: 409, body: { code: 'already_exists', reason: 'POOL_EXISTS' } })
  })

  test('keeps its secret sealed, and shows it to nobody', async () => {
    const secret = 'sesame-4711'
    const wanted = {
      name: 'san',
      secret,
      source: { type: 'iscsi', host: '10.0.0.5', target: 'iqn.2026-11.org.example:a', chapUser: 'vm' },
    }
    const answer = await api.send('POST', pools(), wanted)
    expect(answer.status).toBe(202)
    const sealed = await findPoolSecret(api.database, answer.body.id)
    expect(sealed && (await testSecretBox.open(poolSecretPlace(answer.body.id), sealed))).toBe(secret)
    const shown = [
      answer.body,
      (await api.send('GET', `${pools()}/san`)).body,
      (await api.send('GET', `/api/v1/operations/${answer.body.operation.id}`)).body,
    ]
    expect(JSON.stringify([shown, api.log.lines])).not.toContain(secret)
  })

  test.each([
    ['a path with steps back', { type: 'local-dir', path: '/srv/../etc' }],
    ['a relative path', { type: 'local-dir', path: 'srv' }],
    ['a server that is a command line', { type: 'nfs', server: 'nas -o suid', exportPath: '/x' }],
    ['a target that is no iSCSI name', { type: 'iscsi', host: 'san', target: 'disk' }],
    ['an unknown type', { type: 'tape' }],
    ['a user without a secret', { type: 'ceph-rbd', monitors: [{ host: 'mon' }], pool: 'vms', user: 'libvirt' }],
  ])('is refused with %s', async (_, wrong) => {
    const answer = await api.send('POST', pools(), { name: 'wrong', source: wrong })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_argument' } })
  })

  test('of a node that does not exist is not found', async () => {
    const path = `/api/v1/nodes/${randomUUID()}/storage-pools`
    expect(await api.send('POST', path, { name: 'fast', source })).toMatchObject({
      status: 404,
      body: { reason: 'NODE_NOT_FOUND' },
    })
    expect(await api.send('GET', path)).toMatchObject({ status: 404, body: { reason: 'NODE_NOT_FOUND' } })
    expect(await api.send('GET', `${pools()}/none`)).toMatchObject({ status: 404, body: { reason: 'POOL_NOT_FOUND' } })
  })

  test('that is deleted is on its way out', async () => {
    const { name } = await aPool()
    const answer = await api.send('DELETE', `${pools()}/${name}`)
    expect(answer).toMatchObject({
      status: 202,
      body: { name, state: 'DELETING', operation: { kind: 'storage-pool.delete' } },
    })
    expect(await api.send('DELETE', `${pools()}/${name}`)).toMatchObject({
      status: 409,
      body: { reason: 'OPERATION_IN_PROGRESS' },
    })
  })

  test('stays while a VM has one of its volumes', async () => {
    const { id, name } = await aPool()
    const vm = await aVm(api)
    await aVolume(id, { name: 'used', vmId: vm.id })
    const answer = await api.send('DELETE', `${pools()}/${name}`)
    expect(answer).toMatchObject({
      status: 409,
      body: { reason: 'POOL_IN_USE', details: { volumes: [{ volume: 'used', vmId: vm.id }] } },
    })
  })

  test('stays while an operation is at work on one of its volumes', async () => {
    const { name } = await aPool()
    await api.send('POST', `${pools()}/${name}/volumes`, { name: 'new', sizeGib: 1 })
    expect(await api.send('DELETE', `${pools()}/${name}`)).toMatchObject({
      status: 409,
      body: { reason: 'POOL_IN_USE', details: { operations: [{ volume: 'new', kind: 'volume.create' }] } },
    })
  })
})

describe('a volume', () => {
  let pool: string
  let poolId: string
  let path: string
  beforeAll(async () => {
    const made = await aPool()
    pool = made.name
    poolId = made.id
    path = `${pools()}/${pool}/volumes`
  })

  test('that is asked for is there at once, being made', async () => {
    const answer = await api.send('POST', path, { name: 'data', sizeGib: 3 })
    expect(answer).toMatchObject({
      status: 202,
      body: {
        name: 'data',
        pool,
        nodeId: api.node.id,
        state: 'CREATING',
        sizeBytes: null,
        operation: { kind: 'volume.create' },
      },
    })
    expect(answer.headers.get('location')).toBe(`${path}/data`)
    expect((await api.send('GET', `${path}/data`)).body).toEqual(answer.body)
    expect(await api.send('POST', path, { name: 'data', sizeGib: 3 })).toMatchObject({
      status: 409,
      body: { reason: 'VOLUME_EXISTS' },
    })
  })

  test.each([
    ['no size and no source', { name: 'x' }],
    ['a path for a name', { name: '../x', sizeGib: 1 }],
    ['two sources', { name: 'x', source: { image: 'a.qcow2', volume: 'b' } }],
    ['a path for an image', { name: 'x', source: { image: '../a.qcow2' } }],
    ['a field that nobody knows', { name: 'x', sizeGib: 1, path: '/etc' }],
  ])('is refused with %s', async (_, wanted) => {
    expect(await api.send('POST', path, wanted)).toMatchObject({ status: 400, body: { reason: 'INVALID_REQUEST' } })
  })

  test('is made larger, never smaller, and by one operation at a time', async () => {
    const { name } = await aVolume(poolId, { sizeBytes: 2 * 2 ** 30 })
    expect(await api.send('PATCH', `${path}/${name}`, { sizeGib: 1 })).toMatchObject({
      status: 409,
      body: { reason: 'VOLUME_CANNOT_SHRINK' },
    })
    const grown = await api.send('PATCH', `${path}/${name}`, { sizeGib: 4 })
    expect(grown).toMatchObject({ status: 202, body: { state: 'READY', operation: { kind: 'volume.resize' } } })
    for (const again of [
      () => api.send('PATCH', `${path}/${name}`, { sizeGib: 5 }),
      () => api.send('DELETE', `${path}/${name}`),
    ]) {
      expect(await again()).toMatchObject({
        status: 409,
        body: { reason: 'OPERATION_IN_PROGRESS', details: { operationId: grown.body.operation.id } },
      })
    }
    await endOperation(api.database, grown.body.operation.id, null)
    expect(await api.send('DELETE', `${path}/${name}`)).toMatchObject({ status: 202, body: { state: 'DELETING' } })
  })

  test('asked for by several at once is changed by one', async () => {
    const { name } = await aVolume(poolId)
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => api.send('PATCH', `${path}/${name}`, { sizeGib: 4 })),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409, 409, 409])
  })

  test('that is snapshotted has a snapshot beside it', async () => {
    const { name } = await aVolume(poolId)
    const answer = await api.send('POST', `${path}/${name}/snapshots`, { name: 'before' })
    expect(answer).toMatchObject({
      status: 202,
      body: { name: 'before', state: 'CREATING', operation: { kind: 'volume.snapshot' } },
    })
  })

  test('of a VM is not deleted', async () => {
    const vm = await aVm(api)
    const { name } = await aVolume(poolId, { vmId: vm.id })
    expect(await api.send('DELETE', `${path}/${name}`)).toMatchObject({
      status: 409,
      body: { reason: 'VOLUME_IN_USE', details: { vmId: vm.id } },
    })
  })

  test('is listed with those of its pool alone, newest first', async () => {
    const own = await aPool()
    const made = [await aVolume(own.id), await aVolume(own.id), await aVolume(own.id)]
    const page = await api.send('GET', `${pools()}/${own.name}/volumes?limit=2`)
    const names = (body: { items: { name: string }[] }) => body.items.map(({ name }) => name)
    expect(names(page.body)).toEqual([made[2]?.name, made[1]?.name])
    const rest = await api.send('GET', `${pools()}/${own.name}/volumes?limit=2&cursor=${page.body.nextCursor}`)
    expect(names(rest.body)).toEqual([made[0]?.name])
    expect(rest.body.nextCursor).toBeNull()
  })
})
