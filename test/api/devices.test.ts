import { eq } from 'drizzle-orm'
import { beforeAll, describe, expect, test } from 'vitest'
import { operations } from '#db/schema/operation.ts'
import { vms } from '#db/schema/vm.ts'
import { withDisk } from '#db/spec-devices.ts'
import type { DiskSpec } from '#db/vm-spec.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { type Action, deviceRequestsOn, routes, spec, volume } from './device-requests.ts'
import { aSnapshot, aVm, everything, one, raced, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const actions = Object.keys(routes) as Action[]

const send = deviceRequestsOn(() => api)

const inputOf = async (operationId: string) =>
  one((await api.database.drizzle.select().from(operations).where(eq(operations.id, operationId)))[0]).input

describe.each(actions)('%s', (action) => {
  test('is accepted, and changes the spec only when it is done', async () => {
    const vm = await aVm(api, { spec, state: 'RUNNING' })
    const answer = await send(action, vm.id)
    expect(answer).toMatchObject({
      status: 202,
      body: { id: vm.id, status: { state: 'RUNNING' }, operation: { kind: routes[action].kind, status: 'queued' } },
    })
    expect(answer.headers.get('operation-location')).toBe(`/api/v1/operations/${answer.body.operation.id}`)
    expect(answer.body.spec).toEqual(JSON.parse(JSON.stringify(spec)))
  })

  test('of a VM that is being made is refused, and nothing changes', async () => {
    const vm = await aVm(api, { spec, state: 'CREATING' })
    const before = await everything(api.database)
    expect(await send(action, vm.id)).toMatchObject({ status: 409, body: { reason: 'WRONG_VM_STATE' } })
    expect(await everything(api.database)).toEqual(before)
  })

  test('of a VM that does not exist is not found', async () => {
    const answer = await send(action, '019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11')
    expect(answer).toMatchObject({ status: 404, body: { reason: 'VM_NOT_FOUND' } })
  })

  test('begins once, and on the spec that the VM has then', async () => {
    const vm = await aVm(api, { spec })
    const [first, second] = await raced(api, vm.id, [() => send(action, vm.id), () => send(action, vm.id)])
    const refused = [first, second].filter((answer) => answer?.status === 409)
    expect(refused).toMatchObject([{ body: { code: 'aborted' } }])
    const other = await aVm(api, { spec })
    const [answer] = await raced(
      api,
      other.id,
      [() => send(action, other.id)],
      (sql) => sql`update vms set spec = jsonb_set(spec, '{rng}', 'false') where id = ${other.id}`,
    )
    expect(answer).toMatchObject({ status: 202, body: { spec: { rng: false } } })
  })
})

test('a disk that grows while it is decided on is not made smaller', async () => {
  const vm = await aVm(api, { spec })
  const [answer] = await raced(
    api,
    vm.id,
    [() => send('resizeDisk', vm.id)],
    (sql) => sql`update vms set spec = jsonb_set(spec, '{disks,0,sizeGib}', '20') where id = ${vm.id}`,
  )
  expect(answer).toMatchObject({ status: 409, body: { reason: 'DISK_CANNOT_SHRINK' } })
})

describe('snapshots', () => {
  test.each(['attachDisk', 'detachDisk', 'resizeDisk'] as const)('of any kind forbid %s', async (action) => {
    const vm = await aVm(api, { spec })
    await aSnapshot(api, vm)
    const before = await everything(api.database)
    expect(await send(action, vm.id)).toMatchObject({
      status: 409,
      body: {
        code: 'failed_precondition',
        reason: 'VM_HAS_SNAPSHOTS',
        details: { count: 1, remedies: [{ action: 'DELETE_SNAPSHOTS' }] },
      },
    })
    expect(await everything(api.database)).toEqual(before)
  })

  test.each(['attachNic', 'detachNic'] as const)('with memory forbid %s, and others do not', async (action) => {
    const vm = await aVm(api, { spec })
    await aSnapshot(api, vm, { kind: 'offline' })
    await aSnapshot(api, vm, { kind: 'memory', state: 'FAILED' })
    const { id } = await aSnapshot(api, vm, { kind: 'memory' })
    expect(await send(action, vm.id)).toMatchObject({ status: 409, body: { details: { count: 1 } } })
    await api.database.sql`delete from snapshots where id = ${id}`
    expect((await send(action, vm.id)).status).toBe(202)
  })

  test('do not forbid another medium', async () => {
    const vm = await aVm(api, { spec })
    await aSnapshot(api, vm, { kind: 'memory' })
    expect((await send('changeMedia', vm.id)).status).toBe(202)
  })
})

describe('a disk', () => {
  test('gets what a disk of a new VM gets, on the first target that is free', async () => {
    const vm = await aVm(api, { spec })
    const { body } = await send('attachDisk', vm.id)
    const [, disk] = aSpec({ disks: [{ sizeGib: 1 }, { sizeGib: 1 }] }).disks
    expect((await inputOf(body.operation.id)).disk).toEqual(disk)
  })

  test('may be a volume that was kept', async () => {
    const vm = await aVm(api, { spec })
    const { body } = await send('attachDisk', vm.id, { body: { volume, bus: 'scsi' } })
    expect(await inputOf(body.operation.id)).toMatchObject({ volume, disk: { target: 'sdb', bus: 'scsi' } })
  })

  test('on sata is refused while the VM is on, with the way out', async () => {
    const sata: DiskSpec = { ...one(spec.disks[0]), target: 'sdb', bus: 'sata' }
    const vm = await aVm(api, { spec: withDisk(spec, sata), state: 'PAUSED' })
    const refused = {
      status: 409,
      body: { reason: 'DISK_BUS_NOT_HOTPLUGGABLE', details: { remedies: [{ action: 'STOP_VM' }] } },
    }
    expect(await send('attachDisk', vm.id, { body: { sizeGib: 1, bus: 'sata' } })).toMatchObject(refused)
    expect(await send('detachDisk', vm.id, { path: '/disks/sdb' })).toMatchObject(refused)
    await api.database.drizzle.update(vms).set({ state: 'STOPPED' }).where(eq(vms.id, vm.id))
    expect((await send('detachDisk', vm.id, { path: '/disks/sdb' })).status).toBe(202)
  })

  test('does not become smaller, and may stay as large as it is', async () => {
    const vm = await aVm(api, { spec })
    expect(await send('resizeDisk', vm.id, { body: { sizeGib: 4 } })).toMatchObject({
      status: 409,
      body: { reason: 'DISK_CANNOT_SHRINK', details: { sizeGib: 5 } },
    })
    expect((await send('resizeDisk', vm.id, { body: { sizeGib: 5 } })).status).toBe(202)
  })

  test('that nobody can write to does not grow', async () => {
    const readOnly = { ...one(spec.disks[0]), readOnly: true, baseImage: 'a.qcow2' }
    const vm = await aVm(api, { spec: { ...spec, disks: [readOnly] } })
    expect(await send('resizeDisk', vm.id)).toMatchObject({ status: 409, body: { reason: 'DISK_IS_READ_ONLY' } })
  })

  test('of a paused VM is not detached: its guest lets go of nothing', async () => {
    const vm = await aVm(api, { spec, state: 'PAUSED' })
    expect(await send('detachDisk', vm.id)).toMatchObject({
      status: 409,
      body: { reason: 'WRONG_VM_STATE', details: { remedies: [{ action: 'RESUME_VM' }, { action: 'STOP_VM' }] } },
    })
  })

  test('beyond the most that a VM may have is refused', async () => {
    const vm = await aVm(api, { spec: aSpec({ disks: Array(24).fill({ sizeGib: 1 }) }) })
    const answer = await send('attachDisk', vm.id)
    expect(answer).toMatchObject({ status: 409, body: { reason: 'TOO_MANY_DEVICES', details: { max: 24 } } })
  })

  test('keeps what is on it unless the request says otherwise', async () => {
    for (const [query, deleteData] of [
      ['', false],
      ['?deleteData=false', false],
      ['?deleteData', true],
    ] as const) {
      const vm = await aVm(api, { spec })
      const { body } = await send('detachDisk', vm.id, { path: `/disks/vda${query}` })
      expect(await inputOf(body.operation.id)).toMatchObject({ target: 'vda', deleteData, timeoutSeconds: 30 })
    }
  })
})

test('a disk that others made is neither changed nor deleted, and goes without', async () => {
  const unmanaged = { devices: [], disks: ['vda', 'vdb'] }
  const vm = await aVm(api, { spec, unmanaged })
  const refused = { status: 409, body: { reason: 'DISK_NOT_MANAGED' } }
  expect(await send('resizeDisk', vm.id)).toMatchObject(refused)
  expect(await send('detachDisk', vm.id, { path: '/disks/vda?deleteData=true' })).toMatchObject(refused)
  const taken = await send('attachDisk', vm.id, { body: { sizeGib: 1, target: 'vdb' } })
  expect(taken).toMatchObject({ status: 400, body: { details: { problems: [{ field: 'target' }] } } })
  expect((await send('detachDisk', vm.id)).status).toBe(202)
})

test('a ninth network card is refused', async () => {
  const vm = await aVm(api, { spec: aSpec({ nics: Array(8).fill({ network: 'default' }) }) })
  expect(await send('attachNic', vm.id)).toMatchObject({ status: 409, body: { reason: 'TOO_MANY_DEVICES' } })
})

test('a network card gets an address, and is found by it in any case', async () => {
  const vm = await aVm(api, { spec })
  const { body } = await send('attachNic', vm.id, { body: { network: 'lan' } })
  expect((await inputOf(body.operation.id)).nic).toMatchObject({
    mac: expect.stringMatching(/^52:54:00:/),
    model: 'virtio',
  })
  const other = await aVm(api, { spec: aSpec({ nics: [{ network: 'default', mac: '52:54:00:00:00:ab' }] }) })
  expect((await send('detachNic', other.id, { path: '/nics/52:54:00:00:00:AB' })).status).toBe(202)
})
