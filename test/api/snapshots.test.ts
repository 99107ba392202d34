import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
import { operations } from '#db/schema/operation.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import {
  anOperation,
  aSnapshot,
  aVm,
  endOperation,
  everything,
  maxSnapshots,
  one,
  raced,
  startTestApi,
  type TestApi,
} from './test-api.ts'

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
          expect.objectContaining({ action: 'PIN_TSC' }),
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

test('how a snapshot quiesces is recorded: it must within 60 s, or as the request says', async () => {
  const asked = async (body: object) => (await take((await aVm(api, { state: 'RUNNING' })).id, body)).body
  expect(await asked({ name: 'a', quiesce: true })).toMatchObject({
    quiesce: true,
    quiescePolicy: 'require',
    quiesceTimeoutSeconds: 60,
  })
  const prefer = { quiesce: true, quiescePolicy: 'prefer', quiesceTimeoutSeconds: 5 }
  expect(await asked({ name: 'a', ...prefer })).toMatchObject(prefer)
})

test('a quiesced snapshot without a guest agent is refused, unless it is only preferred', async () => {
  const vm = await aVm(api, { state: 'RUNNING', guestAgentConnected: false })
  const refused = await take(vm.id, { name: 'a', quiesce: true })
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'failed_precondition', reason: 'GUEST_AGENT_NOT_CONNECTED' },
  })
  expect(refused.body.details.remedies.map(({ action }: { action: string }) => action)).toContain('PREFER_QUIESCE')
  expect((await take(vm.id, { name: 'a', quiesce: true, quiescePolicy: 'prefer' })).status).toBe(202)
})

test('a VM has at most so many snapshots; one that failed does not count', async () => {
  const vm = await aVm(api)
  await aSnapshot(api, vm, { state: 'FAILED' })
  for (let count = 1; count < maxSnapshots; count++) await aSnapshot(api, vm)
  const last = await take(vm.id, { name: 'last' })
  expect(last.status).toBe(202)
  await endOperation(api.database, last.body.operation.id, null)
  const before = await everything(api.database)
  expect(await take(vm.id, { name: 'one too many' })).toMatchObject({
    status: 507,
    body: {
      code: 'resource_exhausted',
      reason: 'TOO_MANY_SNAPSHOTS',
      details: { count: maxSnapshots, max: maxSnapshots, remedies: [{ action: 'DELETE_SNAPSHOTS' }] },
    },
  })
  expect(await everything(api.database)).toEqual(before)
})

test('of requests that all saw room for one snapshot no more than one is accepted', async () => {
  const vm = await aVm(api)
  for (let count = 1; count < maxSnapshots; count++) await aSnapshot(api, vm)
  const answers = await raced(
    api,
    vm.id,
    ['a', 'b', 'c'].map((name) => () => take(vm.id, { name })),
  )
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409])
})

test('no snapshot is taken of a VM whose disks do not agree, and the reason is the one that its node found', async () => {
  const diskProblem = { reason: 'DISKS_OUT_OF_STEP', message: 'QEMU writes disk vda to another file.' }
  const vm = await aVm(api, { diskProblem })
  expect(await take(vm.id)).toMatchObject({ status: 409, body: { code: 'failed_precondition', ...diskProblem } })
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
