import { expect, test } from 'vitest'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { sentinels } from '#worker/hypervisor/simulated/sentinels.ts'
import { headers, onPostgres, spec, startSystem, succeeded } from './system.ts'

const { client } = await startSystem(onPostgres, createSimulatedHypervisor({ shutdownMs: 1 }))

async function aGuest(name: string): Promise<{ id: string }> {
  const { id } = succeeded(await sdk.createVm({ client, headers, body: { name, spec } }))
  succeeded(await sdk.startVm({ client, headers, path: { id } }))
  return { id }
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

test('a guest is asked through the queue, and answers', async () => {
  const path = await aGuest('guest')
  expect(succeeded(await sdk.pingGuestAgent({ client, headers, path }))).toMatchObject({ connected: true })

  const body = { command: 'cat', stdin: base64('hello'), outputLimitBytes: 4 }
  expect(succeeded(await sdk.executeInGuest({ client, headers, path, body }))).toMatchObject({
    ...{ exitCode: 0, stdout: 'hell', stdoutTruncated: true, timedOut: false },
  })

  const data = Buffer.alloc(2 ** 20, 'quantix').toString('base64')
  const query = { path: '/tmp/new/file' }
  const written = await sdk.writeGuestFile({ client, headers, path, query, body: { data, createParents: true } })
  expect(succeeded(written)).toEqual({ sizeBytes: 2 ** 20 })
  const whole = succeeded(await sdk.readGuestFile({ client, headers, path, query }))
  expect(whole).toEqual({ data, totalBytes: 2 ** 20, isEnd: true })
  const part = await sdk.readGuestFile({ client, headers, path, query: { ...query, offset: 7, maxBytes: 3 } })
  expect(succeeded(part)).toMatchObject({ data: base64('qua'), isEnd: false })

  expect(succeeded(await sdk.syncGuestTime({ client, headers, path, body: { force: true } }))).toMatchObject({
    source: 'node',
  })
  expect(succeeded(await sdk.shutDownGuest({ client, headers, path, body: {} }))).toEqual({ accepted: true })
  const state = async () => succeeded(await sdk.getVm({ client, path })).status.state
  await expect.poll(state, { timeout: 10_000 }).toBe('STOPPED')
})

test('who does not wait comes for the answer later, and lists do not show it', async () => {
  const path = await aGuest('patient')
  const operation = succeeded(await sdk.executeInGuest({ client, path, body: { command: 'echo', args: ['later'] } }))
  if (!('status' in operation)) expect.fail('it was waited for')
  expect(operation).toMatchObject({ kind: 'agent.exec', result: null })
  const { id } = operation
  const ended = succeeded(await sdk.getOperation({ client, path: { id }, query: { wait: 20 } }))
  expect(ended).toMatchObject({ status: 'succeeded', result: { guest: { exitCode: 0, stdout: 'later\n' } } })
  const { items } = succeeded(await sdk.listOperations({ client, query: { vmId: path.id } }))
  expect(items.map(({ result }) => result)).toEqual([null, null, null])
})

test('a guest that is frozen makes its snapshot quiesced, and is thawed by its token once', async () => {
  const path = await aGuest('frozen')
  const { token, fileSystems } = succeeded(
    await sdk.quiesceGuest({ client, headers, path, body: {} }),
  ) as sdk.GuestFrozen
  expect(fileSystems.filter(({ frozen }) => frozen).map(({ mountPoint }) => mountPoint)).toContain('/')
  const taken = succeeded(await sdk.createSnapshot({ client, headers, path, body: { name: 'while-frozen' } }))
  expect(taken).toMatchObject({ kind: 'disk-only', consistency: 'quiesced' })
  const wrong = await sdk.thawGuest({ client, headers, path, body: { token: crypto.randomUUID() } })
  expect(wrong.response?.status).toBe(409)
  expect(succeeded(await sdk.thawGuest({ client, headers, path, body: { token } }))).toMatchObject({
    mountPoints: expect.arrayContaining(['/']),
  })
  const again = await sdk.thawGuest({ client, headers, path, body: { token } })
  expect(again.response?.status).toBe(409)
})

test('what a guest does not do is answered by its own code', async () => {
  const path = await aGuest('refusing')
  const none = await sdk.executeInGuest({ client, headers, path, body: { command: 'no-such-program' } })
  expect([none.response?.status, none.error?.reason]).toEqual([404, 'GUEST_PROGRAM_NOT_FOUND'])
  const file = await sdk.readGuestFile({ client, headers, path, query: { path: '/no/such' } })
  expect([file.response?.status, file.error?.reason]).toEqual([404, 'GUEST_FILE_NOT_FOUND'])
  const agentless = await aGuest(sentinels.hasNoAgent)
  const refused = await sdk.syncGuestTime({ client, headers, path: agentless, body: {} })
  expect([refused.response?.status, refused.error?.reason]).toEqual([409, 'GUEST_AGENT_NOT_CONNECTED'])
  expect(succeeded(await sdk.pingGuestAgent({ client, headers, path: agentless }))).toMatchObject({ connected: false })
})

test('a program that is waited for keeps nobody from switching its VM off', async () => {
  const path = await aGuest('overtaken')
  const body = { command: 'sleep', args: ['600'], timeoutSeconds: 600 }
  const running = succeeded(await sdk.executeInGuest({ client, path, body }))
  if (!('status' in running)) expect.fail('it was waited for')
  const operation = async () => succeeded(await sdk.getOperation({ client, path: { id: running.id } }))
  await expect.poll(async () => (await operation()).status, { timeout: 10_000 }).toBe('running')
  const stopped = succeeded(await sdk.stopVm({ client, headers, path, body: { force: true } }))
  expect(stopped.status.state).toBe('STOPPED')
  expect(await operation()).toMatchObject({ status: 'failed', error: { reason: 'OVERTAKEN' } })
})
