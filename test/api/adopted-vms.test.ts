import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { events } from '#db/schema/event.ts'
import { vms } from '#db/schema/vm.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { aHostDomain, domainsOf } from './a-host-domain.ts'
import { anOperation, aSnapshot, aVm, everything, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const anAdoptedVm = (given: Parameters<typeof aVm>[1] = {}) =>
  aVm(api, { unmanaged: { devices: [], disks: ['vda'] }, ...given })
const readVm = async (id: string) => (await api.database.drizzle.select().from(vms).where(eq(vms.id, id)))[0]
const release = (id: string) => api.send('POST', `/api/v1/vms/${id}/release`)

test('no snapshot is taken of disks that others made, and each kind says why', async () => {
  for (const state of ['RUNNING', 'STOPPED'] as const) {
    const vm = await anAdoptedVm({ state })
    const before = await everything(api.database)
    const answer = await api.send('POST', `/api/v1/vms/${vm.id}/snapshots`, { name: 's', includeMemory: false })
    expect(answer).toMatchObject({ status: 409, body: { reason: 'DISK_NOT_MANAGED', details: { disks: ['vda'] } } })
    expect(await everything(api.database)).toEqual(before)
    const { body } = await api.send('GET', `/api/v1/vms/${vm.id}`)
    expect(body.allowedActions.snapshot).toMatchObject({ allowed: false, reason: 'DISK_NOT_MANAGED' })
    const capabilities = await api.send('GET', `/api/v1/vms/${vm.id}/snapshot-capabilities`)
    expect(JSON.stringify(capabilities.body)).toContain('DISK_NOT_MANAGED')
  }
})

test('no schedule of snapshots is given to a VM that none is ever taken of', async () => {
  const vm = await anAdoptedVm()
  const schedule = { cron: '0 3 * * *', includeMemory: false, quiesce: false, keep: 2 }
  const put = (id: string) => api.send('PUT', `/api/v1/vms/${id}/snapshot-schedule`, schedule)
  expect(await put(vm.id)).toMatchObject({ status: 409, body: { reason: 'DISK_NOT_MANAGED' } })
  expect((await put((await aVm(api)).id)).status).toBe(200)
})

test('a VM that is released is gone from the list of VMs, and in its history', async () => {
  const { id } = await aHostDomain(api)
  const vm = await anAdoptedVm({ id, state: 'RUNNING' })
  expect((await release(vm.id)).status).toBe(204)
  expect(await readVm(id)).toBeUndefined()
  const told = await api.database.drizzle.select().from(events).where(eq(events.vmId, id))
  expect(told).toMatchObject([{ type: 'vm.released', actor: 'user' }])
  expect((await api.send('GET', `${domainsOf(vm.nodeId)}/${id}`)).status).toBe(200)
  expect(await release(vm.id)).toMatchObject({ status: 404, body: { reason: 'VM_NOT_FOUND' } })
})

test('a VM that Quantix made, one with snapshots, and one that is at work are not released', async () => {
  const withSnapshot = await anAdoptedVm({ unmanaged: { devices: [], disks: [] } })
  await aSnapshot(api, withSnapshot)
  const busy = await anAdoptedVm()
  await anOperation(api, busy, { status: 'running' })
  const before = await everything(api.database)
  for (const [vm, reason] of [
    [await aVm(api), 'VM_NOT_ADOPTED'],
    [withSnapshot, 'VM_HAS_SNAPSHOTS'],
    [busy, 'OPERATION_IN_PROGRESS'],
  ] as const) {
    expect(await release(vm.id)).toMatchObject({ status: 409, body: { reason } })
    expect(await readVm(vm.id)).toBeDefined()
  }
  expect((await everything(api.database)).events).toEqual(before.events)
})

test('a CPU mode that only others give is not accepted from users', async () => {
  const spec = { cpuMode: 'custom', cpu: { cores: 1 }, memory: { sizeMib: 64 } }
  const { status, body } = await api.send('POST', '/api/v1/vms', { name: 'custom', spec })
  expect(status).toBe(400)
  expect(body.message).toContain('spec.cpuMode')
  await expect(aVm(api, { spec: { ...aSpec(), cpuMode: 'custom' } })).rejects.toMatchObject({
    cause: { constraint_name: 'vms_cpu_mode' },
  })
})
