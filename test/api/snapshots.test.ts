import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
import { operations } from '#db/schema/operation.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import { anOperation, aSnapshot, aVm, everything, one, raced, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const passthrough = { mode: 'host-passthrough', migratable: 'off', invtscPolicy: null, tscFrequencyHz: null } as const
const hostModel = { mode: 'custom', migratable: null, invtscPolicy: null, tscFrequencyHz: null } as const

const take = (vmId: string, body: object = { name: 'before-upgrade' }) =>
  api.send('POST', `/api/v1/vms/${vmId}/snapshots`, body)

test.each(['RUNNING', 'PAUSED', 'STOPPED'] as const)(
  'a snapshot of a %s VM is accepted and recorded',
  async (state) => {
    const vm = await aVm(api, { state })
    const answer = await take(vm.id, { name: 'Vor dem Update 🚀', description: 'line 1\nline 2' })
    expect(answer.status).toBe(202)
    expect(answer.body).toMatchObject({
      vmId: vm.id,
      name: 'Vor dem Update 🚀',
      description: 'line 1\nline 2',
      includeMemory: false,
      quiesce: false,
      parentId: null,
      status: { state: 'CREATING', error: null },
      kind: null,
      operation: { kind: 'snapshot.create', status: 'queued' },
    })
    const path = `/api/v1/vms/${vm.id}/snapshots/${answer.body.id}`
    expect(answer.headers.get('location')).toBe(path)
    expect(answer.headers.get('operation-location')).toBe(`/api/v1/operations/${answer.body.operation.id}`)
    expect((await api.send('GET', path)).body).toEqual(answer.body)
    const [operation] = await api.database.drizzle.select().from(operations).where(eq(operations.vmId, vm.id))
    expect(one(operation)).toMatchObject({ nodeId: vm.nodeId, input: { vmId: vm.id, snapshotId: answer.body.id } })
    expect(api.doorbell.rings.filter(({ id }) => id === operation?.id)).toHaveLength(1)
  },
)

test.each(['RUNNING', 'PAUSED'] as const)(
  'a memory snapshot of a %s host-passthrough VM is refused at once with the published text, and nothing is written',
  async (state) => {
    const vm = await aVm(api, { state, effectiveCpu: passthrough })
    const before = await everything(api.database)
    const answer = await take(vm.id, { name: 'memory', includeMemory: true })
    expect(answer.status).toBe(409)
    expect(answer.body).toEqual({
      code: 'internal',
      message: memorySnapshotBlockedMessage,
      requestId: answer.headers.get('x-request-id'),
      reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU',
      details: {
        vmId: vm.id,
        cpu: passthrough,
        blockedBy: 'invtsc',
        remedies: [
          expect.objectContaining({ action: 'TAKE_DISK_ONLY_SNAPSHOT' }),
          expect.objectContaining({ action: 'STOP_THEN_SNAPSHOT' }),
          expect.objectContaining({ action: 'CHANGE_CPU_MODE' }),
        ],
      },
    })
    expect(await everything(api.database)).toEqual(before)
  },
)

test.each([
  { why: 'host-model runs', state: 'RUNNING', effectiveCpu: hostModel, includeMemory: true },
  { why: 'memory is not asked for', state: 'RUNNING', effectiveCpu: passthrough, includeMemory: false },
  { why: 'it is stopped', state: 'STOPPED', effectiveCpu: null, includeMemory: true },
  // The worker asks the domain itself.
  { why: 'the CPU that runs is not known yet', state: 'RUNNING', effectiveCpu: null, includeMemory: true },
] as const)('a snapshot is accepted when $why', async ({ state, effectiveCpu, includeMemory }) => {
  const spec = { ...(await aVm(api)).spec, cpuMode: 'host-passthrough' as const }
  const vm = await aVm(api, { state, effectiveCpu, spec })
  expect((await take(vm.id, { name: 'snapshot', includeMemory })).status).toBe(202)
})

test('a snapshot of a VM that is being created is aborted and names the operation', async () => {
  const vm = await aVm(api, { state: 'CREATING' })
  const current = await anOperation(api, vm, { kind: 'vm.create' })
  const before = await everything(api.database)
  const answer = await take(vm.id)
  expect(answer.status).toBe(409)
  expect(answer.body).toMatchObject({
    code: 'aborted',
    reason: 'OPERATION_IN_PROGRESS',
    details: { operationId: current.id, kind: 'vm.create' },
  })
  expect(await everything(api.database)).toEqual(before)
})

test('a second snapshot while one is being taken is aborted', async () => {
  const vm = await aVm(api, { state: 'RUNNING' })
  const first = await take(vm.id, { name: 'one' })
  const second = await take(vm.id, { name: 'two' })
  expect(second.status).toBe(409)
  expect(second.body).toMatchObject({ code: 'aborted', details: { operationId: first.body.operation.id } })
})

test('of snapshots that all saw the VM free exactly one is taken, and the others are told of it', async () => {
  const vm = await aVm(api, { state: 'RUNNING' })
  const requests = Array.from({ length: 6 }, (_, index) => () => take(vm.id, { name: `s${index}` }))
  const answers = await raced(api, vm.id, requests)
  const accepted = one(answers.find(({ status }) => status === 202))
  for (const answer of answers.filter((other) => other !== accepted)) {
    const details = { operationId: accepted.body.operation.id }
    expect(answer).toMatchObject({ status: 409, body: { reason: 'OPERATION_IN_PROGRESS', details } })
  }
  expect(await api.database.drizzle.$count(snapshots, eq(snapshots.vmId, vm.id))).toBe(1)
  expect(await api.database.drizzle.$count(operations, eq(operations.vmId, vm.id))).toBe(1)
})

test('a snapshot does not wait for the worker that is about to finish another, which would wait for the VM in turn', async () => {
  const vm = await aVm(api, { state: 'RUNNING' })
  const { body: first } = await take(vm.id, { name: 'first' })
  // As the worker's finish does it: the operation first, then the VM.
  await api.database.sql.begin(async (finish) => {
    await finish`update operations set status = 'succeeded' where id = ${first.operation.id}`
    const second = await take(vm.id, { name: 'second' })
    expect(second.body).toMatchObject({ code: 'aborted', details: { operationId: first.operation.id } })
    await finish`update vms set message = '' where id = ${vm.id}`
  })
  expect((await take(vm.id, { name: 'second' })).status).toBe(202)
})

test.each(['FAILED', 'UNKNOWN'] as const)('a snapshot of a %s VM is refused', async (state) => {
  const vm = await aVm(api, { state })
  const answer = await take(vm.id)
  expect(answer).toMatchObject({ status: 409, body: { code: 'failed_precondition', reason: 'WRONG_VM_STATE' } })
})

test('a name that the VM has already is refused; that of a failed snapshot is free again', async () => {
  const vm = await aVm(api)
  const taken = await aSnapshot(api, vm, { name: 'taken' })
  await aSnapshot(api, vm, { name: 'failed', state: 'FAILED' })
  const before = await everything(api.database)
  const refused = await take(vm.id, { name: 'taken' })
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'already_exists', reason: 'SNAPSHOT_NAME_TAKEN', details: { snapshotId: taken.id } },
  })
  expect(await everything(api.database)).toEqual(before)
  expect((await take(vm.id, { name: 'failed' })).status).toBe(202)
  const other = await aVm(api)
  expect((await take(other.id, { name: 'taken' })).status).toBe(202)
})

test('a snapshot shows what was really taken, and a failed one why', async () => {
  const vm = await aVm(api)
  const takenAt = new Date('2026-11-20T18:10:01.120Z')
  const taken = await aSnapshot(api, vm, {
    kind: 'memory',
    consistency: 'memory',
    sizeBytes: 8_589_934_592,
    effectiveCpu: hostModel,
    takenAt,
    domainXml: '<domain/>',
  })
  const failed = await aSnapshot(api, vm, {
    state: 'FAILED',
    error: { code: 'unavailable', message: 'No space', reason: 'NO_SPACE' },
  })
  const { body } = await api.send('GET', `/api/v1/vms/${vm.id}/snapshots`)
  expect(body.items).toMatchObject([
    { id: failed.id, status: { state: 'FAILED', error: { code: 'unavailable', reason: 'NO_SPACE' } } },
    {
      id: taken.id,
      status: { state: 'READY', error: null },
      kind: 'memory',
      consistency: 'memory',
      sizeBytes: 8_589_934_592,
      effectiveCpu: hostModel,
      takenAt: takenAt.toISOString(),
    },
  ])
  expect(body.items[1]).not.toHaveProperty('domainXml')
})

test('pages hold the VM’s own snapshots, newest first', async () => {
  const vm = await aVm(api)
  const own: string[] = []
  for (let count = 0; count < 5; count++) own.push((await aSnapshot(api, vm)).id)
  await aSnapshot(api, await aVm(api))
  const path = `/api/v1/vms/${vm.id}/snapshots?limit=4`
  const first = await api.send('GET', path)
  const second = await api.send('GET', `${path}&cursor=${first.body.nextCursor}`)
  expect([...first.body.items, ...second.body.items].map(({ id }) => id)).toEqual(own.toSorted().reverse())
  expect(second.body.nextCursor).toBeNull()
})

test('another operation of the VM is not shown with a snapshot', async () => {
  const vm = await aVm(api)
  const snapshot = await aSnapshot(api, vm)
  await anOperation(api, vm, { kind: 'vm.start' })
  const { body } = await api.send('GET', `/api/v1/vms/${vm.id}/snapshots/${snapshot.id}`)
  expect(body).not.toHaveProperty('operation')
})

test('a VM or snapshot that does not exist, or is another VM’s, is not found', async () => {
  const unknown = '019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11'
  const vm = await aVm(api)
  const others = await aSnapshot(api, await aVm(api))
  const answers = [
    await take(unknown),
    await take(unknown, { name: 'memory', includeMemory: true }),
    await api.send('GET', `/api/v1/vms/${unknown}/snapshots`),
    await api.send('GET', `/api/v1/vms/${vm.id}/snapshots/${unknown}`),
    await api.send('GET', `/api/v1/vms/${vm.id}/snapshots/${others.id}`),
  ]
  for (const answer of answers) expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
})
