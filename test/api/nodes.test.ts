import { beforeAll, beforeEach, expect, test } from 'vitest'
import { nodes } from '#db/schema/node.ts'
import { aNode, aVm, everything, startTestApi, type TestApi, wantedVm } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
beforeEach(async () => {
  await api.database.sql`truncate nodes, events cascade`
})

const withSpec = (spec: object) => {
  const vm = wantedVm()
  return { ...vm, spec: { ...vm.spec, ...spec } }
}

const noPassthrough = {
  name: 'old-box',
  cpuModes: [
    { mode: 'host-model' as const, supported: true, virtType: 'qemu' as const, message: null, features: [] },
    {
      mode: 'host-passthrough' as const,
      supported: false,
      virtType: null,
      message: 'host-passthrough needs KVM, and /dev/kvm is missing',
      features: [],
    },
  ],
}

test('a CPU mode that no node runs is refused with the node’s own reason, and nothing is made', async () => {
  const node = await aNode(api.database, noPassthrough)
  const answer = await api.send('POST', '/api/v1/vms', withSpec({ cpuMode: 'host-passthrough' }))
  expect(answer.status).toBe(409)
  expect(answer.body).toMatchObject({
    code: 'failed_precondition',
    reason: 'CPU_MODE_NOT_SUPPORTED',
    details: { cpuMode: 'host-passthrough', nodeId: node.id },
  })
  expect(answer.body.message).toBe(
    'No node can run VMs with CPU mode host-passthrough (Quantix Performance). Node old-box: host-passthrough needs KVM, and /dev/kvm is missing',
  )
  expect(await everything(api.database)).toEqual({ vms: [], operations: [], snapshots: [], events: [], secrets: [] })
})

test('a VM goes to a node that runs its CPU mode, though another was seen later', async () => {
  const able = await aNode(api.database, { lastSeenAt: new Date('2026-01-01') })
  await aNode(api.database, noPassthrough)
  const { body } = await api.send('POST', '/api/v1/vms', withSpec({ cpuMode: 'host-passthrough' }))
  expect(body.status.nodeId).toBe(able.id)
})

test('memory above every node is refused with the size of the largest, and exactly its size is not', async () => {
  await aNode(api.database, { name: 'small', memoryMib: 1024 })
  const large = await aNode(api.database, { name: 'large', memoryMib: 4096, lastSeenAt: new Date('2026-01-01') })
  const tooMuch = await api.send('POST', '/api/v1/vms', withSpec({ memory: { sizeMib: 4097 } }))
  expect(tooMuch.status).toBe(409)
  expect(tooMuch.body).toMatchObject({
    code: 'failed_precondition',
    reason: 'NODE_MEMORY_TOO_SMALL',
    details: { requestedMib: 4097, nodeId: large.id, nodeMemoryMib: 4096 },
  })
  expect(tooMuch.body.message).toContain('4096 MiB')
  expect(await everything(api.database)).toEqual({ vms: [], operations: [], snapshots: [], events: [], secrets: [] })
  const fits = await api.send('POST', '/api/v1/vms', withSpec({ memory: { sizeMib: 4096 } }))
  expect(fits.body.status.nodeId).toBe(large.id)
})

test('without any node a create is unavailable for now', async () => {
  const answer = await api.send('POST', '/api/v1/vms', wantedVm())
  expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable', reason: 'NO_NODE' } })
  expect(answer.headers.get('retry-after')).toBe('1')
})

test('nodes are shown with each CPU mode and why one does not run', async () => {
  const node = await aNode(api.database, noPassthrough)
  const { status, body } = await api.send('GET', `/api/v1/nodes/${node.id}`)
  expect(status).toBe(200)
  expect(body).toMatchObject({ id: node.id, name: 'old-box', hypervisor: 'simulated', cpuCount: 4, memoryMib: 8192 })
  expect(body.cpuModes).toEqual([
    { mode: 'host-model', title: 'Quantix Flexible', supported: true, virtType: 'qemu', message: null, features: [] },
    {
      mode: 'host-passthrough',
      title: 'Quantix Performance',
      supported: false,
      virtType: null,
      message: 'host-passthrough needs KVM, and /dev/kvm is missing',
      features: [],
    },
  ])
  expect((await api.send('GET', '/api/v1/nodes')).body).toEqual({ items: [body], nextCursor: null })
  expect(body).not.toHaveProperty('epoch')
})

test('a node is shown with its time stamp counter and what is free on it, or that it does not say', async () => {
  const facts = { tscFrequencyHz: 2_596_126_000, tscScaling: true, storageFreeBytes: 5 * 2 ** 40 }
  const telling = await aNode(api.database, facts)
  expect((await api.send('GET', `/api/v1/nodes/${telling.id}`)).body).toMatchObject(facts)
  const silent = await aNode(api.database)
  const unknown = { tscFrequencyHz: null, tscScaling: false, storageFreeBytes: null }
  expect((await api.send('GET', `/api/v1/nodes/${silent.id}`)).body).toMatchObject(unknown)
})

test('pages hold every node once', async () => {
  await Promise.all(Array.from({ length: 5 }, () => aNode(api.database)))
  const first = await api.send('GET', '/api/v1/nodes?limit=3')
  const second = await api.send('GET', `/api/v1/nodes?limit=3&cursor=${first.body.nextCursor}`)
  expect(new Set([...first.body.items, ...second.body.items].map(({ id }) => id)).size).toBe(5)
  expect(second.body.nextCursor).toBeNull()
  expect(await api.database.drizzle.$count(nodes)).toBe(5)
})

test('a node that does not exist is not found', async () => {
  const answer = await api.send('GET', '/api/v1/nodes/4c4c4544-0042-3510-8052-b4c04f4d3732')
  expect(answer).toMatchObject({ status: 404, body: { code: 'not_found', reason: 'NODE_NOT_FOUND' } })
})

/** As a sweep marks it. */
const silent = {
  name: 'far',
  silentSince: new Date('2026-11-20T18:06:00.500Z'),
  lastSeenAt: new Date('2026-11-20T18:06:00.500Z'),
}
const since = 'Node far has not answered since 2026-11-20 18:06:00 UTC; '

test('a silent node is shown as silent', async () => {
  const { id } = await aNode(api.database, silent)
  const { body } = await api.send('GET', `/api/v1/nodes/${id}`)
  expect(body.status).toEqual({ phase: 'SILENT', silentSince: '2026-11-20T18:06:00.500Z' })
})

test('a VM for which only a silent node is left is accepted, and says what it waits for', async () => {
  await aNode(api.database, silent)
  const { status, body } = await api.send('POST', '/api/v1/vms', wantedVm())
  expect([status, body.status.state]).toEqual([202, 'CREATING'])
  expect(body.status.message).toBe(`${since}the VM is made as soon as it is back.`)
  expect((await api.send('GET', `/api/v1/vms/${body.id}`)).body.status).toEqual(body.status)
})

test('a VM goes to a node that answers rather than to a silent one', async () => {
  const answering = await aNode(api.database)
  await aNode(api.database, silent)
  const { body } = await api.send('POST', '/api/v1/vms', wantedVm())
  expect(body.status).toMatchObject({ nodeId: answering.id, message: '' })
})

test('what is asked of a VM on a silent node is accepted, and says what it waits for', async () => {
  const node = await aNode(api.database, silent)
  const vm = await aVm({ ...api, node }, { state: 'UNKNOWN', message: 'old' })
  const { status, body } = await api.send('DELETE', `/api/v1/vms/${vm.id}`)
  expect([status, body.status.message]).toEqual([202, `${since}what was asked for is done as soon as it is back.`])
})
