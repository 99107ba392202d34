import { expect, test } from 'vitest'
import { newId } from '#db/new-id.ts'
import { aVm, endOperation, startTestApi, wantedVm } from './test-api.ts'

const api = await startTestApi()
const pathOf = (vmId: string) => `/api/v1/vms/${vmId}/events`

async function everyEvent(vmId: string, limit: number) {
  const pages = []
  for (let cursor = ''; ; ) {
    const { status, body } = await api.send('GET', `${pathOf(vmId)}?limit=${limit}${cursor && `&cursor=${cursor}`}`)
    expect(status).toBe(200)
    pages.push(body.items)
    if (body.nextCursor === null) return pages
    cursor = body.nextCursor
  }
}

test('the history of a VM is there from its creation to its end, newest first, also when it is gone', async () => {
  const { body: vm } = await api.send('POST', '/api/v1/vms', wantedVm())
  await endOperation(api.database, vm.operation.id, null, { state: 'STOPPED' })
  const { body: deleting } = await api.send('DELETE', `/api/v1/vms/${vm.id}`)
  await api.database.sql.begin(async (sql) => {
    await sql`update operations set status = 'succeeded' where id = ${deleting.operation.id}`
    await sql`delete from vms where id = ${vm.id}`
  })
  expect((await api.send('GET', `/api/v1/vms/${vm.id}`)).status).toBe(404)

  const pages = await everyEvent(vm.id, 2)
  expect(pages.slice(0, -1).map((page) => page.length)).toEqual(pages.slice(0, -1).map(() => 2))
  const all = pages.flat()
  expect(all.map(({ id }) => Number(id))).toEqual(all.map(({ id }) => Number(id)).sort((a, b) => b - a))
  const told = all.map(({ type, details }) => [type, details.kind ?? details.to])
  expect(told).toContainEqual(['vm.state-changed', 'STOPPED'])
  expect(told).toContainEqual(['vm.state-changed', 'DELETING'])
  expect(told.at(-1)).toEqual(['operation.requested', 'vm.create'])
  expect(told[0]).toEqual(['operation.succeeded', 'vm.delete'])
  expect(told).toHaveLength(6)
  expect(all[0]).toMatchObject({ vmId: vm.id, nodeId: api.node.id, actor: 'user', operationId: deleting.operation.id })
})

test('a schedule that is set or removed is in the history', async () => {
  const vm = await aVm(api)
  const schedule = { cron: '0 * * * *', includeMemory: false, quiesce: false, keep: 2 }
  await api.send('PUT', `/api/v1/vms/${vm.id}/snapshot-schedule`, schedule)
  await api.send('DELETE', `/api/v1/vms/${vm.id}/snapshot-schedule`)
  const { body } = await api.send('GET', pathOf(vm.id))
  expect(body.items).toMatchObject([
    { type: 'vm.snapshot-schedule-changed', actor: 'user', details: { from: schedule, to: null } },
    { type: 'vm.snapshot-schedule-changed', actor: 'user', details: { from: null, to: schedule } },
  ])
})

test('a changed name, description or label is in the history, and what stays as it was is not', async () => {
  const vm = await aVm(api, { name: 'shop', labels: { app: 'web' } })
  const patch = (body: unknown) => api.send('PATCH', `/api/v1/vms/${vm.id}`, body)
  await patch({ name: 'shop', labels: { app: 'web' } })
  await patch({ name: 'the-shop', description: 'A secret: 4711' })
  await patch({ labels: { tier: 'front' } })
  const { body } = await api.send('GET', pathOf(vm.id))
  expect(body.items).toMatchObject([
    { type: 'vm.changed', severity: 'info', actor: 'user', operationId: null, details: { fields: ['labels'] } },
    { type: 'vm.changed', message: 'Changed: name (shop → the-shop), description' },
  ])
  expect(body.items[0].details).toEqual({ fields: ['labels'] })
  expect(body.items[1].details).toEqual({ fields: ['name', 'description'], from: 'shop', to: 'the-shop' })
})

test('a VM to which nothing happened has an empty history, and one that never was has none', async () => {
  const vm = await aVm(api)
  expect((await api.send('GET', pathOf(vm.id))).body).toEqual({ items: [], nextCursor: null })
  expect(await api.send('GET', pathOf(newId()))).toMatchObject({ status: 404, body: { reason: 'VM_NOT_FOUND' } })
})

test('a cursor of another list is refused', async () => {
  const cursor = btoa(newId()).replace(/=+$/, '')
  const { status, body } = await api.send('GET', `${pathOf(newId())}?cursor=${cursor}`)
  expect([status, body.details.problems[0].field]).toEqual([400, 'cursor'])
})
