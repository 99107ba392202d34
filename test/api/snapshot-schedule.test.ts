import { expect, test } from 'vitest'
import { aVm, everything, maxSnapshots, startTestApi } from './test-api.ts'

const api = await startTestApi()

const path = (vmId: string) => `/api/v1/vms/${vmId}/snapshot-schedule`
const nightly = { cron: '30 3 * * *', includeMemory: false, quiesce: true, keep: 7 }

test('a schedule is shown in its VM, with when the next snapshot is due', async () => {
  const vm = await aVm(api)
  const before = Date.now()
  const { status, body } = await api.send('PUT', path(vm.id), nightly)
  expect(status).toBe(200)
  expect(body.snapshotSchedule).toEqual({ ...nightly, nextSnapshotAt: expect.stringMatching(/T03:30:00\.000Z$/) })
  const next = new Date(body.snapshotSchedule.nextSnapshotAt).getTime()
  expect(next).toBeGreaterThan(before)
  expect(next).toBeLessThanOrEqual(Date.now() + 24 * 3_600_000)
  expect((await api.send('GET', `/api/v1/vms/${vm.id}`)).body).toEqual(body)
  expect((await api.send('GET', '/api/v1/vms')).body.items).toContainEqual(body)
})

test('another schedule takes the place of the first; what it leaves out gets its default', async () => {
  const vm = await aVm(api)
  await api.send('PUT', path(vm.id), nightly)
  const { body } = await api.send('PUT', path(vm.id), { cron: '0 0 * * 0', keep: 1 })
  expect(body.snapshotSchedule).toMatchObject({ cron: '0 0 * * 0', includeMemory: false, quiesce: false, keep: 1 })
})

test('a schedule that is taken away is gone, also when it was gone before', async () => {
  const vm = await aVm(api)
  await api.send('PUT', path(vm.id), nightly)
  for (let time = 0; time < 2; time++) {
    expect(await api.send('DELETE', path(vm.id))).toMatchObject({ status: 204, body: null })
    expect((await api.send('GET', `/api/v1/vms/${vm.id}`)).body.snapshotSchedule).toBeNull()
  }
})

test.each([
  ['no cron', { cron: undefined }, 'cron'],
  ['a name for a cron', { cron: '@daily' }, 'cron'],
  ['a cron with seconds', { cron: '0 0 3 * * *' }, 'cron'],
  ['a time that never comes', { cron: '0 0 30 2 *' }, 'cron'],
  ['a cron that is not one', { cron: "'; drop table vms; --" }, 'cron'],
  ['a very long cron', { cron: `${'1,'.repeat(50_000)}1 * * * *` }, 'cron'],
  ['nothing to keep', { keep: 0 }, 'keep'],
  ['as many to keep as a VM may have', { keep: maxSnapshots }, 'keep'],
  ['more to keep than any VM may have', { keep: 1000 }, 'keep'],
  ['half a snapshot', { keep: 1.5 }, 'keep'],
  ['memory and quiesce', { includeMemory: true }, 'quiesce'],
  ['an unknown field', { timezone: 'Europe/Vienna' }, 'timezone'],
])('%s is refused, and the answer says where', async (_, change, field) => {
  const vm = await aVm(api)
  const before = await everything(api.database)
  const { status, body } = await api.send('PUT', path(vm.id), { ...nightly, ...change })
  expect(status).toBe(400)
  expect(body).toMatchObject({ code: 'invalid_argument', reason: 'INVALID_REQUEST' })
  expect(body.details.problems.map((problem: { field: string }) => problem.field)).toContain(field)
  expect(await everything(api.database)).toEqual(before)
})

test('a VM that does not exist is not found', async () => {
  const unknown = path('019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11')
  for (const answer of [await api.send('PUT', unknown, nightly), await api.send('DELETE', unknown)]) {
    expect(answer).toMatchObject({ status: 404, body: { reason: 'VM_NOT_FOUND' } })
  }
})
