import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { operations } from '#db/schema/operation.ts'
import { vms } from '#db/schema/vm.ts'
import { aNode, anOperation, aVm, everything, one, startTestApi, type TestApi, wantedVm } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

test('a create is answered with 202, the VM and the operation that builds it', async () => {
  const answer = await api.send('POST', '/api/v1/vms', wantedVm('web-1'))
  expect(answer.status).toBe(202)
  expect(answer.body).toMatchObject({
    name: 'web-1',
    status: { state: 'CREATING', nodeId: api.node.id, message: '', effectiveCpu: null, startedAt: null },
    operation: { kind: 'vm.create', status: 'queued' },
  })
  expect(answer.headers.get('location')).toBe(`/api/v1/vms/${answer.body.id}`)
  expect(answer.headers.get('operation-location')).toBe(`/api/v1/operations/${answer.body.operation.id}`)
  expect((await api.send('GET', `/api/v1/vms/${answer.body.id}`)).body).toEqual(answer.body)
})

test('what a create leaves out gets its default, and host-model is the default CPU mode', async () => {
  const { body } = await api.send('POST', '/api/v1/vms', wantedVm())
  expect(body.description).toBe('')
  expect(body.spec).toEqual({
    guestOs: 'generic',
    cpuMode: 'host-model',
    cpu: { cores: 1, sockets: 1, threadsPerCore: 1, features: [] },
    memory: { sizeMib: 64, hugepages: false },
    firmware: 'bios',
    secureBoot: false,
    tpm: false,
    bootOrder: ['disk'],
    clock: { offset: 'utc', hpet: false, kvmclock: true, hypervclock: false },
    hyperv: [],
    disks: [
      {
        target: 'vda',
        sizeGib: 10,
        bus: 'virtio',
        cache: 'writeback',
        io: 'threads',
        discard: 'unmap',
        readOnly: false,
      },
    ],
    cdroms: [],
    nics: [],
    cloudInit: null,
    display: { type: 'vnc', passwordSet: false },
    video: { model: 'vga', memoryKib: 16_384 },
    serial: { log: false },
    watchdog: null,
    rng: true,
  })
})

test('everything that a spec can say is kept', async () => {
  const spec = {
    guestOs: 'windows_server',
    cpuMode: 'host-passthrough',
    cpu: { cores: 4, sockets: 2, threadsPerCore: 2, features: [{ name: 'vmx', policy: 'require' }], pinnedTsc: false },
    memory: { sizeMib: 8192, hugepages: true },
    firmware: 'uefi',
    secureBoot: true,
    tpm: true,
    bootOrder: ['network', 'disk', 'cdrom'],
    clock: { offset: 'localtime', hpet: false, kvmclock: true, hypervclock: true },
    hyperv: ['vpindex', 'synic', 'stimer'],
    disks: [
      {
        target: 'sdc',
        sizeGib: 20,
        baseImage: 'debian-12.qcow2',
        bus: 'scsi',
        cache: 'none',
        io: 'native',
        discard: 'ignore',
        readOnly: false,
        iopsLimit: 500,
        throughputLimitMibps: 100,
      },
      {
        target: 'vdb',
        baseImage: 'data.qcow2',
        bus: 'virtio',
        cache: 'unsafe',
        io: 'io_uring',
        discard: 'unmap',
        readOnly: true,
      },
    ],
    cdroms: [
      { target: 'sdb', iso: 'installer.iso' },
      { target: 'sda', iso: null },
    ],
    nics: [
      { mac: '52:54:00:ab:cd:ef', model: 'e1000e', network: 'default', bandwidthMbps: 100 },
      { mac: '52:54:00:ab:cd:ee', model: 'rtl8139', bridge: 'br0' },
    ],
    display: { type: 'spice' },
    video: { model: 'qxl', memoryKib: 32_768 },
    serial: { log: true },
    watchdog: { action: 'pause' },
    rng: false,
  }
  const made = await api.send('POST', '/api/v1/vms', { name: 'full', description: 'Zeile 1\n\tZeile 2 <&"\'>', spec })
  expect(made.status).toBe(202)
  const shown = { ...spec, cloudInit: null, display: { ...spec.display, passwordSet: false } }
  expect(made.body.spec).toEqual(shown)
  expect(made.body.description).toBe('Zeile 1\n\tZeile 2 <&"\'>')
  expect((await api.send('GET', `/api/v1/vms/${made.body.id}`)).body.spec).toEqual(shown)
})

test('a disk and a cdrom without a target get the first that is free', async () => {
  const disks = [{ sizeGib: 1 }, { sizeGib: 2, target: 'vda' }, { sizeGib: 3 }]
  const cdroms = [{ iso: 'a.iso' }, { iso: 'b.iso' }]
  const { body } = await api.send('POST', '/api/v1/vms', {
    name: 'drives',
    spec: { ...wantedVm().spec, disks, cdroms },
  })
  expect(body.spec.disks.map(({ target }: { target: string }) => target)).toEqual(['vdb', 'vda', 'vdc'])
  expect(body.spec.cdroms.map(({ target }: { target: string }) => target)).toEqual(['sda', 'sdb'])
})

test('a network card without an address gets one of its own, and one that was given stays', async () => {
  const nics = [{ network: 'default' }, { network: 'default', mac: '52:54:00:AB:CD:EF' }, { network: 'default' }]
  const { body } = await api.send('POST', '/api/v1/vms', { name: 'cards', spec: { ...wantedVm().spec, nics } })
  const [first, given, last] = body.spec.nics.map(({ mac }: { mac: string }) => mac)
  expect(given).toBe('52:54:00:ab:cd:ef')
  expect(first).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/)
  expect(last).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/)
  expect(new Set([first, given, last]).size).toBe(3)
})

test('a create rings the node once, after the rows are there', async () => {
  const { body } = await api.send('POST', '/api/v1/vms', wantedVm())
  const rings = api.doorbell.rings.filter(({ id }) => id === body.operation.id)
  expect(rings).toEqual([expect.objectContaining({ kind: 'vm.create', nodeId: api.node.id })])
  const [operation] = await api.database.drizzle.select().from(operations).where(eq(operations.id, body.operation.id))
  expect(one(operation)).toMatchObject({ vmId: body.id, nodeId: api.node.id, input: { vmId: body.id }, attempt: 0 })
})

test('a doorbell that does not ring does not fail the request, and is logged', async () => {
  api.doorbell.broken.by = new Error('the queue is away')
  const answer = await api.send('POST', '/api/v1/vms', wantedVm())
  api.doorbell.broken.by = null
  expect(answer.status).toBe(202)
  expect(api.log.lines).toContainEqual(
    expect.objectContaining({ level: 'warn', message: 'the doorbell did not ring; a sweep will' }),
  )
})

test('a name that is taken is refused with the id of the VM that has it', async () => {
  const first = await api.send('POST', '/api/v1/vms', wantedVm('twin'))
  const before = await everything(api.database)
  const second = await api.send('POST', '/api/v1/vms', wantedVm('twin'))
  expect(second.status).toBe(409)
  expect(second.body).toMatchObject({
    code: 'already_exists',
    reason: 'VM_NAME_TAKEN',
    details: { vmId: first.body.id },
  })
  expect(await everything(api.database)).toEqual(before)
})

test('of two creates of one name at the same moment, one wins', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => api.send('POST', '/api/v1/vms', wantedVm('race'))))
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409, 409, 409, 409])
})

test('a VM is shown with its unfinished operation, and without one that is done', async () => {
  const vm = await aVm(api)
  await anOperation(api, vm, { kind: 'vm.create', status: 'succeeded' })
  expect((await api.send('GET', `/api/v1/vms/${vm.id}`)).body).not.toHaveProperty('operation')
  const current = await anOperation(api, vm, { status: 'running' })
  expect((await api.send('GET', `/api/v1/vms/${vm.id}`)).body.operation).toEqual({
    id: current.id,
    kind: 'vm.start',
    status: 'running',
  })
})

test('what its node says of a VM is shown: the CPU that runs, the guest agent, what is wrong with its disks', async () => {
  const effectiveCpu = { mode: 'custom', migratable: null, invtscPolicy: 'require', tscFrequencyHz: null } as const
  const startedAt = new Date('2026-11-20T18:06:00.123Z')
  const diskProblem = { reason: 'DISKS_OUT_OF_STEP', message: 'They do not agree.' }
  const vm = await aVm(api, { state: 'RUNNING', effectiveCpu, startedAt, guestAgentConnected: false, diskProblem })
  expect((await api.send('GET', `/api/v1/vms/${vm.id}`)).body.status).toEqual({
    state: 'RUNNING',
    message: '',
    effectiveCpuMode: 'host-model',
    pendingRestart: false,
    pendingFields: [],
    unmanagedDevices: [],
    unmanagedDisks: [],
    nodeId: vm.nodeId,
    effectiveCpu,
    startedAt: startedAt.toISOString(),
    guestAgentConnected: false,
    diskProblem,
    currentSnapshotId: null,
    tscFrequencyHz: null,
  })
})

test('a VM that does not exist is not found', async () => {
  const answer = await api.send('GET', '/api/v1/vms/019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11')
  expect(answer).toMatchObject({ status: 404, body: { code: 'not_found', reason: 'VM_NOT_FOUND' } })
})

test('pages hold every VM once, newest first, also while others are made', async () => {
  const known = await Promise.all(Array.from({ length: 7 }, () => aVm(api)))
  const total = await api.database.drizzle.$count(vms)
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const { status, body } = await api.send('GET', `/api/v1/vms?limit=3${cursor && `&cursor=${cursor}`}`)
    expect(status).toBe(200)
    expect(body.items.length).toBeLessThanOrEqual(3)
    seen.push(...body.items.map(({ id }: { id: string }) => id))
    cursor = body.nextCursor
    await aVm(api)
  }
  expect(seen).toHaveLength(total)
  expect(new Set(seen).size).toBe(total)
  expect(seen).toEqual(seen.toSorted().reverse())
  expect(seen).toEqual(expect.arrayContaining(known.map(({ id }) => id)))
})

test('a list carries the unfinished operations', async () => {
  const vm = await aVm(api)
  const operation = await anOperation(api, vm)
  const { body } = await api.send('GET', '/api/v1/vms?limit=1')
  expect(body.items).toMatchObject([{ id: vm.id, operation: { id: operation.id } }])
})

test('of several nodes that will do, the one seen last gets the VM', async () => {
  const older = await aNode(api.database, { lastSeenAt: new Date('2026-01-01') })
  const newest = await aNode(api.database, { lastSeenAt: new Date(Date.now() + 60_000) })
  const { body } = await api.send('POST', '/api/v1/vms', wantedVm())
  expect(body.status.nodeId).toBe(newest.id)
  expect(body.status.nodeId).not.toBe(older.id)
})
