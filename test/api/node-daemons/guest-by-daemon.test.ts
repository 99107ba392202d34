import { beforeEach, expect, test } from 'vitest'
import type { DaemonPool } from '#api/node-daemons/daemon-pool.ts'
import { AppError } from '#db/errors.ts'
import { operations } from '#db/schema/operation.ts'
import { aVm, startTestApi, type TestApi } from '../test-api.ts'
import { aPool, until } from './a-pool.ts'
import { aFakeDaemon, type FakeDaemon } from './fake-daemon.ts'

let fake: FakeDaemon
let pool: DaemonPool
let api: TestApi
let agent: string
beforeEach(async ({ onTestFinished }) => {
  fake = await aFakeDaemon(onTestFinished)
  pool = aPool(onTestFinished)
  api = await startTestApi({ daemons: pool })
  fake.claims = api.node.id
  const vm = await aVm(api, { state: 'RUNNING' })
  agent = `/api/v1/vms/${vm.id}/agent`
  await until(pool.connect(api.node.id, fake.address), 'CONNECTED')
})

const execute = (request: object = {}) => api.send('POST', `${agent}/exec`, { command: 'uname', ...request })
const recorded = () => api.database.drizzle.select({ kind: operations.kind }).from(operations)

test('a guest is asked by its node at once, and no operation is made', async () => {
  fake.behaviours.ExecuteInGuest = () => ({ success: true, exitCode: 3, stdout: 'Linux\n' })
  const { status, body } = await execute()
  expect([status, body]).toMatchObject([200, { exitCode: 3, stdout: 'Linux\n' }])
  expect(await recorded()).toEqual([])
})

test('what the node refuses is refused as the node said it, and not asked again through the queue', async () => {
  const details = { command: 'uname' }
  fake.behaviours.ExecuteInGuest = () =>
    new AppError('not_found', 'There is no uname.', { reason: 'GUEST_PROGRAM_NOT_FOUND', details })
  const { status, body } = await execute()
  expect([status, body]).toMatchObject([
    404,
    { code: 'not_found', message: 'There is no uname.', reason: 'GUEST_PROGRAM_NOT_FOUND', details },
  ])
  expect(await recorded()).toEqual([])
})

test('a node that cannot be reached is asked through the queue', async () => {
  await fake.network.cut()
  expect((await execute()).status).toBe(202)
  expect(await recorded()).toEqual([{ kind: 'agent.exec' }])
})

test('what may have been done is not asked again: its connection broke after it was sent', async () => {
  fake.behaviours.ExecuteInGuest = () => {
    fake.network.drop()
    return 'nothing'
  }
  const { status, body } = await execute()
  expect([status, body]).toMatchObject([503, { code: 'unavailable', reason: 'NODE_CONNECTION_LOST' }])
  expect(fake.asked.filter((name) => name === 'ExecuteInGuest')).toHaveLength(1)
  expect(await recorded()).toEqual([])
})

test('what takes longer than a request may wait goes through the queue', async () => {
  expect((await execute({ timeoutSeconds: 600 })).status).toBe(202)
  expect(fake.asked).not.toContain('ExecuteInGuest')
})

test.each([
  ['a freeze with scripts', 'quiesce', { timeoutSeconds: 120, runPreFreezeScripts: true }],
  ['a thaw with scripts', 'thaw', { token: crypto.randomUUID(), runPostThawScripts: true }],
])('%s goes through the queue, since it may take longer than a request may wait', async (_, call, body) => {
  expect((await api.send('POST', `${agent}/${call}`, body)).status).toBe(202)
  expect(fake.asked).not.toEqual(expect.arrayContaining([expect.stringMatching(/Filesystems$/)]))
})
