import { beforeAll, expect, test } from 'vitest'
import { vmGuests } from '#db/schema/vm-guest.ts'
import { type VmUsage, vmUsage } from '#db/schema/vm-usage.ts'
import { aVm, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const usage: VmUsage = {
  cpu: { timeSeconds: 12.5, percent: 25 },
  memory: { balloonBytes: 1024, residentBytes: 512, guestTotalBytes: 1000, guestUsedBytes: 400 },
  disks: [],
  nics: [],
}
const agent = {
  ...{ version: '7.2', osName: 'Debian', osVersion: '12', kernelVersion: '6.1', hostname: 'web' },
  ...{ interfaces: [], fileSystems: [], users: [], capabilities: [] },
}
const report = { agent, ipAddresses: ['192.0.2.7'] }

/** A running VM with reports of the given age; `runId` is the run that they are of. */
async function aReportedVm({ runId = 'run-1', ageSeconds = 0 } = {}) {
  const vm = await aVm(api, { state: 'RUNNING', runId: 'run-1', guestAgentConnected: true })
  const at = new Date(Date.now() - ageSeconds * 1000)
  const { drizzle } = api.database
  const of = { vmId: vm.id, nodeId: vm.nodeId, runId }
  await drizzle.insert(vmUsage).values({ ...of, usage, sampledAt: at })
  await drizzle.insert(vmGuests).values({ ...of, report, seenAt: at })
  return vm
}

const statusOf = async (id: string) => (await api.send('GET', `/api/v1/vms/${id}`)).body.status

test('what a VM uses and what its guest says is shown with when it was said, alone and in the list', async () => {
  const { id } = await aReportedVm()
  const status = await statusOf(id)
  expect(status).toMatchObject({
    usage: { ...usage, current: true, sampledAt: expect.any(String) },
    guestAgent: { ...agent, connected: true, current: true, lastSeenAt: expect.any(String) },
    ipAddresses: ['192.0.2.7'],
  })
  const { body } = await api.send('GET', '/api/v1/vms?limit=1')
  expect(body.items).toMatchObject([{ id, status }])
})

test('what was said too long ago, as before the node fell silent, is not shown as current', async () => {
  const { id } = await aReportedVm({ ageSeconds: 200 })
  expect(await statusOf(id)).toMatchObject({ usage: { current: false }, guestAgent: { current: false } })
})

test('what an earlier run of the VM used is not shown', async () => {
  const { id } = await aReportedVm({ runId: 'run-0' })
  for (const field of ['usage', 'guestAgent', 'ipAddresses']) expect(await statusOf(id)).not.toHaveProperty(field)
})

test('an answer to a change leaves out what was not read for it', async () => {
  const { id } = await aReportedVm()
  const { status, body } = await api.send('POST', `/api/v1/vms/${id}/pause`)
  expect(status).toBe(202)
  expect(body.status).not.toHaveProperty('usage')
})
