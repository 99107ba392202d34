import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import type { HostDomainRow } from '#db/schema/host-domain.ts'
import { operations } from '#db/schema/operation.ts'
import { vms } from '#db/schema/vm.ts'
import { adoptDomain, aHostDomain, domainsOf } from './a-host-domain.ts'
import { aNode, aVm, everything, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const aDomain = (given?: Partial<HostDomainRow>) => aHostDomain(api, given)
const adopt = (domain: Pick<HostDomainRow, 'id' | 'nodeId'>, body?: object) => adoptDomain(api, domain, body)

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
  expect(await api.database.drizzle.select().from(vms).where(eq(vms.id, domain.id))).toEqual([])
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
