import { expect, test } from 'vitest'
import { aNode, everything, startTestApi, wantedVm } from './test-api.ts'

const api = await startTestApi()

const pinned = (cpuMode = 'host-passthrough') => {
  const vm = wantedVm()
  return { ...vm, spec: { ...vm.spec, cpuMode, cpu: { cores: 1, pinnedTsc: true } } }
}

test('a TSC is pinned only in a host-passthrough VM, and the refusal says where the field is', async () => {
  const before = await everything(api.database)
  const { status, body } = await api.send('POST', '/api/v1/vms', pinned('host-model'))
  expect(status).toBe(400)
  expect(body).toMatchObject({
    code: 'invalid_argument',
    details: { problems: [{ field: 'spec.cpu.pinnedTsc', message: expect.stringContaining('host-passthrough') }] },
  })
  expect(await everything(api.database)).toEqual(before)
})

test('where no node says what its frequency is, a VM with a pinned TSC is refused with a way out', async () => {
  const before = await everything(api.database)
  const { status, body } = await api.send('POST', '/api/v1/vms', pinned())
  expect(status).toBe(409)
  expect(body).toMatchObject({
    code: 'failed_precondition',
    reason: 'TSC_FREQUENCY_UNKNOWN',
    message: expect.stringContaining('Leave out spec.cpu.pinnedTsc'),
  })
  expect(await everything(api.database)).toEqual(before)
})

test('a VM with a pinned TSC goes to a node that says its frequency, and keeps it; others know of none', async () => {
  const telling = await aNode(api.database, {
    name: 'telling',
    tscFrequencyHz: 2_596_126_000,
    lastSeenAt: new Date(Date.now() - 60_000),
  })
  const { status, body } = await api.send('POST', '/api/v1/vms', pinned())
  expect(status).toBe(202)
  expect(body).toMatchObject({
    spec: { cpu: { pinnedTsc: true } },
    status: { nodeId: telling.id, tscFrequencyHz: 2_596_126_000 },
  })
  expect((await api.send('GET', `/api/v1/vms/${body.id}`)).body).toEqual(body)
  const plain = await api.send('POST', '/api/v1/vms', wantedVm())
  // The node that was seen last, which does not say its frequency.
  expect(plain.body.status).toMatchObject({ nodeId: api.node.id, tscFrequencyHz: null })
})
