import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { operations } from '#db/schema/operation.ts'
import { anOperation, aSnapshot, aVm, everything, one, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const keepDisks = (id: string, query = '') => api.send('DELETE', `/api/v1/vms/${id}?deleteDisks=false${query}`)

const inputOf = async (operationId: string) =>
  one((await api.database.drizzle.select().from(operations).where(eq(operations.id, operationId)))[0]).input

test.each([
  ['', true],
  ['?deleteDisks', true],
  ['?deleteDisks=true', true],
  ['?deleteDisks=false', false],
])('a delete with "%s" says what becomes of the disks', async (query, deleteDisks) => {
  const vm = await aVm(api)
  const { body } = await api.send('DELETE', `/api/v1/vms/${vm.id}${query}`)
  expect(await inputOf(body.operation.id)).toMatchObject({ force: false, deleteDisks })
})

test.each(['READY', 'FAILED'] as const)('disks on which a %s snapshot stands are not kept', async (state) => {
  const vm = await aVm(api)
  await aSnapshot(api, vm, { state })
  const before = await everything(api.database)
  const answer = await keepDisks(vm.id)
  expect(answer).toMatchObject({
    status: 409,
    body: {
      code: 'failed_precondition',
      reason: 'VM_HAS_SNAPSHOTS',
      details: { count: 1, remedies: [{ action: 'DELETE_SNAPSHOTS' }] },
    },
  })
  expect(await everything(api.database)).toEqual(before)
  expect((await api.send('DELETE', `/api/v1/vms/${vm.id}`)).status).toBe(202)
})

test('a refused forced delete that would keep the disks overtakes nothing', async () => {
  const vm = await aVm(api, { state: 'STOPPING' })
  await aSnapshot(api, vm)
  const input = { vmId: vm.id, force: false, timeoutSeconds: 60 }
  await anOperation(api, vm, { kind: 'vm.stop', status: 'running', input })
  const before = await everything(api.database)
  expect(await keepDisks(vm.id, '&force=true')).toMatchObject({ status: 409, body: { reason: 'VM_HAS_SNAPSHOTS' } })
  expect(await everything(api.database)).toEqual(before)
})

test('disks that do not agree are not kept', async () => {
  const diskProblem = { reason: 'DISKS_OUT_OF_STEP', message: 'QEMU writes disk vda to another file.' }
  const vm = await aVm(api, { diskProblem })
  expect(await keepDisks(vm.id)).toMatchObject({ status: 409, body: diskProblem })
})

test('the operation tells which volumes the disks have become', async () => {
  const vm = await aVm(api)
  const result = { volumes: [{ target: 'vda', volume: 'volume-019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11.qcow2' }] }
  const { id } = await anOperation(api, vm, { kind: 'vm.delete', status: 'succeeded', result })
  expect((await api.send('GET', `/api/v1/operations/${id}`)).body).toMatchObject({ status: 'succeeded', result })
})
