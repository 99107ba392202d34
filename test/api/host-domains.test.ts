import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { events } from '#db/schema/event.ts'
import { type HostDomainRow, hostDomains } from '#db/schema/host-domain.ts'
import { operations } from '#db/schema/operation.ts'
import { vms } from '#db/schema/vm.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { aNode, anOperation, aSnapshot, aVm, everything, one, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

async function aDomain(given: Partial<HostDomainRow> = {}): Promise<HostDomainRow> {
  const id = given.id ?? randomUUID()
  const [row] = await api.database.drizzle
    .insert(hostDomains)
    .values({
      nodeId: api.node.id,
      name: `domain-${id.slice(0, 8)}`,
      description: 'made by hand',
      state: 'RUNNING',
      persistent: true,
      autostart: false,
      managedSave: false,
      hasSnapshots: false,
      spec: { ...aSpec(), cpuMode: 'custom' },
      unmanaged: { devices: ['hostdev'], disks: ['vda'] },
      drives: [{ target: 'vda', device: 'disk', bus: 'virtio', format: 'raw', source: 'file', name: 'web.img' }],
      sharesDiskWith: [],
      ...given,
      id,
    })
    .returning()
  return one(row)
}

const domainsOf = (nodeId: string) => `/api/v1/nodes/${nodeId}/domains`
const adopt = ({ id, nodeId }: Pick<HostDomainRow, 'id' | 'nodeId'>, body?: object) =>
  api.send('POST', `${domainsOf(nodeId)}/${id}/adopt`, body)
const readVm = async (id: string) => (await api.database.drizzle.select().from(vms).where(eq(vms.id, id)))[0]

/** libvirt takes any. */
const anyUuid = '0f0e0d0c-0b0a-0908-0706-050403020100'

test('a domain that others made is shown with its CPU mode, what is not ours, and whether it can be adopted', async () => {
  const { id, name, spec, firstSeenAt } = await aDomain({ id: anyUuid })
  const { status, body } = await api.send('GET', `${domainsOf(api.node.id)}/${id}`)
  expect(status).toBe(200)
  expect(body).toEqual({
    id,
    nodeId: api.node.id,
    name,
    description: 'made by hand',
    origin: 'host',
    state: 'RUNNING',
    persistent: true,
    autostart: false,
    managedSave: false,
    hasSnapshots: false,
    spec,
    unmanagedDevices: ['hostdev'],
    unmanagedDisks: ['vda'],
    drives: [{ target: 'vda', device: 'disk', bus: 'virtio', format: 'raw', source: 'file', name: 'web.img' }],
    adoption: { allowed: true, reasons: [] },
    firstSeenAt: firstSeenAt.toISOString(),
  })
})

test('a list has each domain of its node once, by pages, and none that is a VM', async () => {
  const node = await aNode(api.database)
  const ids: string[] = []
  for (let count = 0; count < 5; count++) ids.push((await aDomain({ nodeId: node.id })).id)
  const { id: vmId } = await aDomain({ nodeId: node.id })
  await aVm({ ...api, node }, { id: vmId })
  const first = await api.send('GET', `${domainsOf(node.id)}?limit=3`)
  const second = await api.send('GET', `${domainsOf(node.id)}?limit=3&cursor=${first.body.nextCursor}`)
  expect([...first.body.items, ...second.body.items].map(({ id }) => id)).toEqual(ids.sort().reverse())
  expect(second.body.nextCursor).toBeNull()
})

test('the state of the domains of a silent node is not known', async () => {
  const node = await aNode(api.database, { silentSince: new Date() })
  await aDomain({ nodeId: node.id })
  expect((await api.send('GET', domainsOf(node.id))).body.items).toMatchObject([{ state: 'UNKNOWN' }])
})

test('a node or a domain that is not there is not found, each by its own reason', async () => {
  const { id } = await aDomain()
  const other = await aNode(api.database)
  for (const [path, reason] of [
    [domainsOf(randomUUID()), 'NODE_NOT_FOUND'],
    [`${domainsOf(randomUUID())}/${id}`, 'NODE_NOT_FOUND'],
    [`${domainsOf(other.id)}/${id}`, 'DOMAIN_NOT_FOUND'],
  ]) {
    expect(await api.send('GET', path as string)).toMatchObject({ status: 404, body: { code: 'not_found', reason } })
  }
  expect(await adopt({ id: randomUUID(), nodeId: api.node.id })).toMatchObject({
    status: 404,
    body: { reason: 'DOMAIN_NOT_FOUND' },
  })
})

test('an adopted domain is a VM at once, with its id, its CPU mode and what is not ours', async () => {
  const { id, nodeId, name, spec } = await aDomain()
  const { status, body, headers } = await adopt({ id, nodeId })
  expect(status).toBe(202)
  expect(headers.get('Location')).toBe(`/api/v1/vms/${id}`)
  expect(body).toMatchObject({
    id,
    name,
    description: 'made by hand',
    origin: 'host',
    spec,
    status: { state: 'CREATING', nodeId, unmanagedDevices: ['hostdev'], unmanagedDisks: ['vda'] },
    operation: { kind: 'vm.adopt', status: 'queued' },
  })
  expect(api.doorbell.rings.at(-1)).toMatchObject({ id: body.operation.id, kind: 'vm.adopt', nodeId })
  expect((await api.send('GET', `/api/v1/vms/${id}`)).body).toMatchObject({
    origin: 'host',
    spec: { cpuMode: 'custom' },
  })
  const listed = (await api.send('GET', `${domainsOf(nodeId)}?limit=200`)).body.items
  expect(listed.map((domain: { id: string }) => domain.id)).not.toContain(id)
})

test('a domain that is a VM is not adopted again: the answer names the VM', async () => {
  const domain = await aDomain()
  await adopt(domain)
  const before = await everything(api.database)
  const refused = {
    status: 409,
    body: { code: 'already_exists', reason: 'ALREADY_A_VM', details: { vmId: domain.id } },
  }
  expect(await adopt(domain, { name: 'other' })).toMatchObject(refused)
  expect(await api.send('GET', `${domainsOf(domain.nodeId)}/${domain.id}`)).toMatchObject(refused)
  expect(await everything(api.database)).toEqual(before)
})

test('of many requests to adopt one domain, one does', async () => {
  const domain = await aDomain()
  const answers = await Promise.all(Array.from({ length: 8 }, () => adopt(domain)))
  expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array(7).fill(409)])
  const recorded = await api.database.drizzle.select().from(operations).where(eq(operations.vmId, domain.id))
  expect(recorded).toHaveLength(1)
})

test('a name that a VM has is refused, and another one can be given', async () => {
  const taken = await aVm(api)
  const domain = await aDomain({ name: taken.name })
  expect(await adopt(domain)).toMatchObject({
    status: 409,
    body: { code: 'already_exists', reason: 'VM_NAME_TAKEN', details: { vmId: taken.id } },
  })
  expect(await readVm(domain.id)).toBeUndefined()
  const { status, body } = await adopt(domain, { name: `${taken.name}-2`, description: 'ours now' })
  expect(status).toBe(202)
  expect(body).toMatchObject({ name: `${taken.name}-2`, description: 'ours now' })
})

test('a name that no VM can have is refused with the way out', async () => {
  const domain = await aDomain({ name: 'Windows 10 (accounting)' })
  expect(await adopt(domain, {})).toMatchObject({
    status: 400,
    body: { code: 'invalid_argument', reason: 'NAME_NOT_USABLE', message: expect.stringContaining('`name`') },
  })
  expect((await adopt(domain, { name: 'windows-10' })).status).toBe(202)
})

test.each([
  [{ name: 'no good' }, 'name'],
  [{ description: 'a\0b' }, 'description'],
  [{ cpuMode: 'host-model' }, 'cpuMode'],
])('a body that is not right is refused by the name of its field: %j', async (body, field) => {
  const domain = await aDomain()
  const answer = await adopt(domain, body)
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_argument' } })
  expect(answer.body.message).toContain(field)
})

test.each([
  ['DOMAIN_IS_TRANSIENT', { persistent: false }],
  ['DOMAIN_HAS_SAVED_MEMORY', { managedSave: true }],
  ['DISK_OF_ANOTHER_VM', { sharesDiskWith: [randomUUID()] }],
])('what is in the way is shown, and refuses with the same words: %s', async (reason, parts) => {
  const domain = await aDomain(parts)
  const shown = (await api.send('GET', `${domainsOf(domain.nodeId)}/${domain.id}`)).body.adoption
  expect(shown).toMatchObject({ allowed: false, reasons: [{ reason }] })
  const before = await everything(api.database)
  expect(await adopt(domain)).toMatchObject({
    status: 409,
    body: {
      code: 'failed_precondition',
      reason,
      message: shown.reasons[0].message,
      details: { obstacles: shown.reasons },
    },
  })
  expect(await everything(api.database)).toEqual(before)
})

test('on a silent node it is adopted as soon as the node is back, and says so', async () => {
  const node = await aNode(api.database, { silentSince: new Date() })
  const domain = await aDomain({ nodeId: node.id })
  const { status, body } = await adopt(domain)
  expect(status).toBe(202)
  expect(body.status.message).toMatch(/the domain is adopted as soon as it is back/)
})

const anAdoptedVm = (given: Parameters<typeof aVm>[1] = {}) =>
  aVm(api, { unmanaged: { devices: [], disks: ['vda'] }, ...given })

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

const release = (id: string) => api.send('POST', `/api/v1/vms/${id}/release`)

test('a VM that is released is gone from the list of VMs, and in its history', async () => {
  const { id } = await aDomain()
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
