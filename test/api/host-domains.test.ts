import { randomUUID } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import type { HostDomainRow } from '#db/schema/host-domain.ts'
import { adoptDomain, aHostDomain, domainsOf } from './a-host-domain.ts'
import { aNode, aVm, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const aDomain = (given?: Partial<HostDomainRow>) => aHostDomain(api, given)

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
  expect(await adoptDomain(api, { id: randomUUID(), nodeId: api.node.id })).toMatchObject({
    status: 404,
    body: { reason: 'DOMAIN_NOT_FOUND' },
  })
})
