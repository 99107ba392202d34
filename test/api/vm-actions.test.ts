import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { ruleOf, vmMay } from '#db/rules/vm-actions.ts'
import { operations } from '#db/schema/operation.ts'
import { vmState, vms } from '#db/schema/vm.ts'
import { anOperation, aVm, everything, one, raced, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const unknownId = '019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11'

const actions = {
  start: { method: 'POST', path: '/start', kind: 'vm.start', next: 'STARTING', reached: 'RUNNING' },
  stop: { method: 'POST', path: '/stop', kind: 'vm.stop', next: 'STOPPING', reached: 'STOPPED' },
  reboot: { method: 'POST', path: '/reboot', kind: 'vm.reboot', next: null, reached: null },
  pause: { method: 'POST', path: '/pause', kind: 'vm.pause', next: null, reached: 'PAUSED' },
  resume: { method: 'POST', path: '/resume', kind: 'vm.resume', next: null, reached: 'RUNNING' },
  delete: { method: 'DELETE', path: '', kind: 'vm.delete', next: 'DELETING', reached: null },
  forceDelete: { method: 'DELETE', path: '?force=true', kind: 'vm.delete', next: 'DELETING', reached: null },
} as const

const names = Object.keys(actions) as (keyof typeof actions)[]
const everyCase = names.flatMap((name) => vmState.enumValues.map((state) => ({ name, state, ...actions[name] })))
const mayBegin = ({ name, state }: (typeof everyCase)[number]) => vmMay(name, { state, definedOnNode: true })

test.each(everyCase.filter(mayBegin))('$name of a $state VM is accepted and recorded', async (given) => {
  const vm = await aVm(api, { state: given.state, message: 'from before' })
  const answer = await api.send(given.method, `/api/v1/vms/${vm.id}${given.path}`)
  expect(answer.status).toBe(202)
  expect(answer.body).toMatchObject({
    id: vm.id,
    status: { state: given.next ?? given.state, message: '' },
    operation: { kind: given.kind, status: 'queued' },
  })
  expect(answer.headers.get('location')).toBe(`/api/v1/vms/${vm.id}`)
  expect(answer.headers.get('operation-location')).toBe(`/api/v1/operations/${answer.body.operation.id}`)
  const [row] = await api.database.drizzle.select().from(vms).where(eq(vms.id, vm.id))
  expect(row).toMatchObject({ state: given.next ?? given.state, message: '' })
  expect(one(row).updatedAt.getTime()).toBeGreaterThanOrEqual(vm.updatedAt.getTime())
  const recorded = await api.database.drizzle.select().from(operations).where(eq(operations.vmId, vm.id))
  expect(recorded).toMatchObject([{ id: answer.body.operation.id, kind: given.kind, nodeId: vm.nodeId }])
  expect(api.doorbell.rings.filter(({ id }) => id === answer.body.operation.id)).toHaveLength(1)
})

test.each(everyCase.filter((given) => given.reached === given.state))(
  '$name of a $state VM is done already: 200 with the VM, and nothing happens',
  async ({ method, path, state }) => {
    const vm = await aVm(api, { state })
    const before = await everything(api.database)
    const answer = await api.send(method, `/api/v1/vms/${vm.id}${path}`, undefined, { Prefer: 'wait=5' })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ id: vm.id, status: { state } })
    expect(answer.body).not.toHaveProperty('operation')
    expect(await everything(api.database)).toEqual(before)
  },
)

test.each(everyCase.filter((given) => !mayBegin(given) && given.reached !== given.state))(
  '$name of a $state VM is refused, and nothing changes',
  async ({ name, method, path, state }) => {
    const vm = await aVm(api, { state, message: state === 'FAILED' ? 'the disk could not be made' : '' })
    const before = await everything(api.database)
    const answer = await api.send(method, `/api/v1/vms/${vm.id}${path}`)
    expect(answer.status).toBe(409)
    expect(answer.body).toMatchObject({
      code: 'failed_precondition',
      reason: 'WRONG_VM_STATE',
      details: { state, allowed: ruleOf(name).from },
    })
    expect(answer.body.message).toContain(`VM ${vm.name} is ${state}`)
    if (state === 'FAILED') expect(answer.body.message).toContain('the disk could not be made')
    expect(await everything(api.database)).toEqual(before)
  },
)

test.each(names)('%s of a VM with an unfinished operation is aborted and names it', async (name) => {
  const { method, path } = actions[name]
  for (const status of ['queued', 'running', 'undoing'] as const) {
    const vm = await aVm(api, { state: 'STARTING' })
    const current = await anOperation(api, vm, { status })
    const before = await everything(api.database)
    const answer = await api.send(method, `/api/v1/vms/${vm.id}${path}`)
    expect(answer.status).toBe(409)
    expect(answer.body).toMatchObject({
      code: 'aborted',
      reason: 'OPERATION_IN_PROGRESS',
      details: { operationId: current.id, kind: 'vm.start' },
    })
    expect(await everything(api.database)).toEqual(before)
  }
})

test.each([
  ['start', 'STOPPED'],
  ['stop', 'RUNNING'],
] as const)('%s of a VM whose disks do not agree is refused with what its node found', async (name, state) => {
  const diskProblem = { reason: 'DISKS_OUT_OF_STEP', message: 'QEMU writes disk vda to another file.' }
  const vm = await aVm(api, { state, diskProblem })
  const before = await everything(api.database)
  const answer = await api.send('POST', `/api/v1/vms/${vm.id}/${name}`)
  expect(answer).toMatchObject({ status: 409, body: { code: 'failed_precondition', ...diskProblem } })
  expect(await everything(api.database)).toEqual(before)
})

test('a VM whose disks do not agree can be deleted', async () => {
  const diskProblem = { reason: 'DISKS_OUT_OF_STEP', message: 'QEMU writes disk vda to another file.' }
  for (const [state, query] of [
    ['STOPPED', ''],
    ['RUNNING', '?force=true'],
  ] as const) {
    const vm = await aVm(api, { state, diskProblem })
    expect((await api.send('DELETE', `/api/v1/vms/${vm.id}${query}`)).status).toBe(202)
  }
})

test.each(names)('%s of a VM that does not exist is not found', async (name) => {
  const { method, path } = actions[name]
  const answer = await api.send(method, `/api/v1/vms/${unknownId}${path}`)
  expect(answer).toMatchObject({ status: 404, body: { code: 'not_found', reason: 'VM_NOT_FOUND' } })
})

test('of starts that all saw the VM stopped exactly one begins, and the others are told of it', async () => {
  const vm = await aVm(api)
  const start = () => api.send('POST', `/api/v1/vms/${vm.id}/start`)
  const answers = await raced(api, vm.id, Array(6).fill(start))
  const accepted = answers.filter(({ status }) => status === 202)
  expect(accepted).toHaveLength(1)
  const operationId = accepted[0]?.body.operation.id
  for (const { body, status } of answers.filter((answer) => answer.status !== 202)) {
    expect({ status, body }).toMatchObject({ status: 409, body: { code: 'aborted', details: { operationId } } })
  }
  expect(await api.database.drizzle.$count(operations, eq(operations.vmId, vm.id))).toBe(1)
})

test('a VM whose state changes at the same moment is judged by its new state', async () => {
  const vm = await aVm(api, { state: 'STOPPED' })
  const [answer] = await raced(
    api,
    vm.id,
    [() => api.send('POST', `/api/v1/vms/${vm.id}/start`)],
    (sql) => sql`update vms set state = 'FAILED' where id = ${vm.id}`,
  )
  expect(answer).toMatchObject({ status: 409, body: { reason: 'WRONG_VM_STATE', details: { state: 'FAILED' } } })
  expect(await api.database.drizzle.$count(operations, eq(operations.vmId, vm.id))).toBe(0)
})

test('a VM that another start brings up at the same moment is up, which is what was asked for', async () => {
  const vm = await aVm(api, { state: 'STARTING' })
  const { id } = await anOperation(api, vm, { kind: 'vm.start', status: 'running' })
  const [answer] = await raced(
    api,
    vm.id,
    [() => api.send('POST', `/api/v1/vms/${vm.id}/start`)],
    (sql) => sql`
      with ended as (update operations set status = 'succeeded', finished_at = now() where id = ${id})
      update vms set state = 'RUNNING' where id = ${vm.id}`,
  )
  expect(answer).toMatchObject({ status: 200, body: { status: { state: 'RUNNING' } } })
})

test.each(['stop', 'reboot'])('a %s says how: by default politely within 60 s', async (verb) => {
  const inputOf = async (body?: object) => {
    const vm = await aVm(api, { state: 'RUNNING' })
    const answer = await api.send('POST', `/api/v1/vms/${vm.id}/${verb}`, body)
    expect(answer.status).toBe(202)
    const [operation] = await api.database.drizzle
      .select()
      .from(operations)
      .where(eq(operations.id, answer.body.operation.id))
    return { ...one(operation).input, vmId: undefined }
  }
  expect(await inputOf()).toEqual({ force: false, timeoutSeconds: 60 })
  expect(await inputOf({})).toEqual({ force: false, timeoutSeconds: 60 })
  expect(await inputOf({ force: true })).toEqual({ force: true, timeoutSeconds: 60 })
  expect(await inputOf({ timeoutSeconds: 5 })).toEqual({ force: false, timeoutSeconds: 5 })
})

test.each(['?force', '?force=true'])('a delete with %s takes a running VM', async (query) => {
  const vm = await aVm(api, { state: 'RUNNING' })
  const answer = await api.send('DELETE', `/api/v1/vms/${vm.id}${query}`)
  expect(answer).toMatchObject({ status: 202, body: { status: { state: 'DELETING' } } })
})
