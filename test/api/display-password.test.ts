import { expect, test } from 'vitest'
import { secretBox } from '#db/secrets/secret-box.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { requireRefusal } from './bad-request.ts'
import { everything, startTestApi, wantedVm } from './test-api.ts'

const api = await startTestApi()
const { sql } = api.database

/** A stopped VM on which nothing is at work. */
async function aVm(spec: object = {}): Promise<string> {
  const wanted = wantedVm()
  const { body } = await api.send('POST', '/api/v1/vms', { ...wanted, spec: { ...wanted.spec, ...spec } })
  await sql`update vms set state = 'STOPPED' where id = ${body.id}`
  await endAll(body.id)
  return body.id
}

const endAll = (id: string) => sql`update operations set status = 'succeeded', finished_at = now() where vm_id = ${id}`
const pathOf = (id: string) => `/api/v1/vms/${id}/display-password`
const put = (id: string, password: string) => api.send('PUT', pathOf(id), { password })

async function storedPassword(id: string): Promise<string | null> {
  const [sealed] = await sql<{ keyId: string; nonce: string; ciphertext: string }[]>`
    select key_id as "keyId", nonce, ciphertext from vm_secrets where vm_id = ${id} and name = 'display.password'`
  return sealed ? testSecretBox.open({ id, name: 'display.password' }, sealed) : null
}

test('a password is set, becomes another one, and is never shown', async () => {
  const id = await aVm()
  for (const password of ['canary-1', 'canary-2']) {
    const answer = await put(id, password)
    expect(answer).toMatchObject({
      status: 202,
      body: { spec: { display: { passwordSet: true } }, operation: { kind: 'vm.update', status: 'queued' } },
    })
    expect(await storedPassword(id)).toBe(password)
    const [operation] = await sql`select input from operations where id = ${answer.body.operation.id}`
    expect(operation?.input).toEqual({ vmId: id, displayPassword: 'set' })
    await endAll(id)
  }
  const events = await api.send('GET', `/api/v1/vms/${id}/events`)
  expect(JSON.stringify([await api.send('GET', `/api/v1/vms/${id}`), events])).not.toContain('canary')
  expect(JSON.stringify([api.log.lines, api.doorbell.rings])).not.toContain('canary')
  const rows = await sql`select row_to_json(operations) as row from operations`
  expect(JSON.stringify(rows)).not.toContain('canary')
})

test('a password is removed once, and the display can go then', async () => {
  const id = await aVm({ display: { password: 'canary' } })
  const noDisplay = { spec: { display: { type: 'none' }, video: { model: 'none' } } }
  const refused = await api.send('PATCH', `/api/v1/vms/${id}`, noDisplay)
  expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining('display-password') } })
  const removed = await api.send('DELETE', pathOf(id))
  expect(removed).toMatchObject({ status: 202, body: { spec: { display: { passwordSet: false } } } })
  const [operation] = await sql`select input from operations where id = ${removed.body.operation.id}`
  expect(operation?.input).toEqual({ vmId: id, displayPassword: 'removed' })
  await endAll(id)
  expect(await api.send('DELETE', pathOf(id))).toMatchObject({ status: 200 })
  expect((await api.send('PATCH', `/api/v1/vms/${id}`, noDisplay)).status).toBe(202)
})

test.for([
  ['of 9 characters on VNC', {}, '123456789', /VNC compares no more/],
  ['of 61 characters on SPICE', { display: { type: 'spice' } }, 'a'.repeat(61), /60/],
  ['that is empty', {}, '', /1/],
  ['of a VM without a display', { display: { type: 'none' }, video: { model: 'none' } }, 'canary', /needs a display/],
] as const)('a password %s is refused, and not repeated', async ([, spec, password, message]) => {
  const id = await aVm(spec)
  const request = { method: 'PUT', path: pathOf(id), body: { password } }
  const answer = await requireRefusal(api, request, 'password', await everything(api.database))
  expect(answer.body.message).toMatch(message)
  expect(JSON.stringify(answer.body)).not.toContain('canary')
})

test('while an operation is at work, and without a key, no password is stored', async () => {
  const id = await aVm({ display: { password: 'before' } })
  const keyless = await startTestApi({ database: api.database, secretBox: secretBox([]) })
  expect(await keyless.send('PUT', pathOf(id), { password: 'after' })).toMatchObject({
    status: 409,
    body: { reason: 'SECRET_KEY_MISSING' },
  })
  expect((await put(id, 'first')).status).toBe(202)
  expect((await put(id, 'second')).status).toBe(409)
  expect(await storedPassword(id)).toBe('first')
})
