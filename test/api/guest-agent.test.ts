import { beforeAll, expect, test } from 'vitest'
import { secretBox } from '#db/secrets/secret-box.ts'
import { aVm, everything, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const agentOf = (id: string) => `/api/v1/vms/${id}/agent`
const base64 = (bytes: number) => Buffer.alloc(bytes).toString('base64')
const stored = async ({ database }: Pick<TestApi, 'database'> = api) => database.sql`select * from guest_calls`

test('what may be secret is in no row as it is, and rings for its node', async () => {
  const { id } = await aVm(api, { state: 'RUNNING' })
  const secret = 'hush-hush'
  const body = { command: 'login', args: [secret], environment: { PASSWORD: secret } }
  const answer = await api.send('POST', `${agentOf(id)}/exec`, body)
  expect(answer).toMatchObject({ status: 202, body: { kind: 'agent.exec', status: 'queued', vmId: id, result: null } })
  expect(answer.headers.get('location')).toBe(`/api/v1/operations/${answer.body.id}`)
  expect(api.doorbell.rings).toContainEqual({ id: answer.body.id, kind: 'agent.exec', nodeId: api.node.id })
  const rows = [await everything(api.database), await stored(), await api.database.sql`select * from events`]
  expect(JSON.stringify(rows)).not.toContain(secret)
  expect(JSON.stringify(api.log.lines)).not.toContain(secret)
})

test('a request that is refused leaves nothing', async () => {
  const before = (await stored()).length
  const { id } = await aVm(api, { state: 'STOPPED' })
  const refused = await api.send('POST', `${agentOf(id)}/ping`)
  expect(refused).toMatchObject({ status: 409, body: { reason: 'WRONG_VM_STATE' } })
  const unknown = await api.send('POST', `${agentOf(crypto.randomUUID())}/ping`)
  expect(unknown).toMatchObject({ status: 404, body: { reason: 'VM_NOT_FOUND' } })
  expect((await stored()).length).toBe(before)
})

test('one question of a VM goes on at a time', async () => {
  const { id } = await aVm(api, { state: 'RUNNING' })
  const first = await api.send('POST', `${agentOf(id)}/ping`)
  const second = await api.send('POST', `${agentOf(id)}/sync-time`)
  expect(second).toMatchObject({ status: 409, body: { reason: 'OPERATION_IN_PROGRESS' } })
  expect(second.body.details.operationId).toBe(first.body.id)
})

test('without a key nothing secret is stored, and what is none is asked', async () => {
  const keyless = await startTestApi({ secretBox: secretBox([]) })
  const { id } = await aVm(keyless, { state: 'RUNNING' })
  const refused = await keyless.send('POST', `${agentOf(id)}/exec`, { command: 'true' })
  expect(refused).toMatchObject({ status: 409, body: { reason: 'SECRET_KEY_MISSING' } })
  expect(await stored(keyless)).toEqual([])
  expect((await keyless.send('POST', `${agentOf(id)}/ping`)).status).toBe(202)
})

test.each([
  ['a program without a name', 'POST', 'exec', {}],
  ['an option for a program', 'POST', 'exec', { command: '-c' }],
  ["a line break in a program's name", 'POST', 'exec', { command: 'a\nb' }],
  ['NUL in an argument', 'POST', 'exec', { command: 'echo', args: ['a\0b'] }],
  ['arguments that are too long', 'POST', 'exec', { command: 'echo', args: ['a'.repeat(32_769)] }],
  ['a variable whose name cannot be one', 'POST', 'exec', { command: 'echo', environment: { 'A=B': '' } }],
  ['a directory that leads upwards', 'POST', 'exec', { command: 'echo', workingDirectory: '/tmp/..' }],
  ['input that is no base64', 'POST', 'exec', { command: 'echo', stdin: 'no base64' }],
  ['input that is too long', 'POST', 'exec', { command: 'echo', stdin: base64(65_539) }],
  ['a program that takes too long', 'POST', 'exec', { command: 'echo', timeoutSeconds: 3601 }],
  ['outputs that are too long', 'POST', 'exec', { command: 'echo', outputLimitBytes: 2 ** 20 + 1 }],
  ['no path', 'GET', 'files', undefined],
  ['a relative path', 'GET', 'files?path=tmp', undefined],
  ['a path that leads upwards', 'GET', 'files?path=/tmp/../etc/shadow', undefined],
  ['NUL in a path', 'GET', 'files?path=/tmp/%00', undefined],
  ['an offset before the beginning', 'GET', 'files?path=/tmp/file&offset=-1', undefined],
  ['a part that is too long', 'GET', `files?path=/tmp/file&maxBytes=${2 ** 20 + 1}`, undefined],
  ['no content', 'PUT', 'files?path=/tmp/file', {}],
  ['content that is no base64', 'PUT', 'files?path=/tmp/file', { data: 'no base64' }],
  ['a mode that changes who a program runs as', 'PUT', 'files?path=/tmp/file', { data: '', mode: '4755' }],
  ['a path that leads upwards, to write to', 'PUT', 'files?path=/tmp/../file', { data: '' }],
  ['an option that is not there', 'POST', 'shutdown', { delaySeconds: 1 }],
])('%s is refused', async (_, method, route, body) => {
  const { id } = await aVm(api, { state: 'RUNNING' })
  expect((await api.send(method, `${agentOf(id)}/${route}`, body)).status).toBe(400)
})

test('a file of more than 1 MiB is refused', async () => {
  const { id } = await aVm(api, { state: 'RUNNING' })
  const body = { data: base64(2 ** 20 + 1024) }
  const answer = await api.send('PUT', `${agentOf(id)}/files?path=/tmp/file`, body, {
    'Content-Length': String(JSON.stringify(body).length),
  })
  expect(answer.status).toBe(413)
})
