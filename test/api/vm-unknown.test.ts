import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { nodes } from '#db/schema/node.ts'
import { aVm, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const setSilent = (silentSince: Date | null) =>
  api.database.drizzle.update(nodes).set({ silentSince }).where(eq(nodes.id, api.node.id))

test.each([
  ['start', 'STARTING'],
  ['stop', 'STOPPING'],
  ['reboot', 'UNKNOWN'],
  ['pause', 'UNKNOWN'],
  ['resume', 'UNKNOWN'],
])('to %s a VM whose node is silent is accepted, and says what it waits for', async (verb, state) => {
  await setSilent(new Date())
  const { id } = await aVm(api, { state: 'UNKNOWN', message: 'Node far has not answered.' })
  const { status, body } = await api.send('POST', `/api/v1/vms/${id}/${verb}`)
  expect({ status, state: body.status.state }).toEqual({ status: 202, state })
  expect(body.status.message).toMatch(/has not answered since .*; what was asked for is done as soon as it is back\./)
  await setSilent(null)
})

test('to start a VM of which nobody knows yet, though its node is back, is accepted', async () => {
  const { id } = await aVm(api, { state: 'UNKNOWN', message: 'Node far has not answered.' })
  const { status, body } = await api.send('POST', `/api/v1/vms/${id}/start`)
  expect(status).toBe(202)
  expect(body.status).toMatchObject({ state: 'STARTING', message: '' })
})

test('to start a VM that its node does not have is refused with the way out, which is taken', async () => {
  const { id } = await aVm(api, { state: 'UNKNOWN', definedOnNode: false })
  const { status, body } = await api.send('POST', `/api/v1/vms/${id}/start`)
  expect(status).toBe(409)
  expect(body).toMatchObject({ reason: 'WRONG_VM_STATE', details: { remedies: [{ action: 'DELETE_VM' }] } })
  expect((await api.send('DELETE', `/api/v1/vms/${id}`)).status).toBe(202)
})
