import { beforeAll, expect, test } from 'vitest'
import { statusOf, statusOfCode } from '#api/http/errors.ts'
import { errorCodes } from '#db/errors.ts'
import { one, startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

test('an unknown route is answered with the body that every error has', async () => {
  const answer = await api.send('GET', '/api/v2/vms')
  expect(answer.status).toBe(404)
  expect(answer.body).toEqual({
    code: 'not_found',
    message: 'Nothing is at /api/v2/vms.',
    requestId: answer.headers.get('x-request-id'),
    reason: 'ROUTE_NOT_FOUND',
  })
})

test.each([
  ['PUT', '/api/v1/vms', 'GET, POST'],
  ['PUT', '/api/v1/vms/019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11', 'GET, PATCH, DELETE'],
  ['GET', '/api/v1/vms/019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11/start', 'POST'],
  ['DELETE', '/healthz', 'GET'],
])('%s %s is not allowed, and the answer says what is', async (method, path, allow) => {
  const answer = await api.send(method, path)
  expect(answer.status).toBe(405)
  expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(allow.split(', ').sort())
  expect(answer.body).toMatchObject({ code: 'unimplemented', reason: 'METHOD_NOT_ALLOWED' })
})

test('a request id that is sane is echoed, in the header and in an error', async () => {
  const answer = await api.send('GET', '/nowhere', undefined, { 'X-Request-Id': 'my-request_1' })
  expect(answer.headers.get('x-request-id')).toBe('my-request_1')
  expect(answer.body.requestId).toBe('my-request_1')
})

test.each(['a b', '<script>', 'x'.repeat(129), ''])('the request id %j is replaced by one of ours', async (id) => {
  const answer = await api.send('GET', '/healthz', undefined, { 'X-Request-Id': id })
  expect(answer.headers.get('x-request-id')).toMatch(uuid)
})

test('an unknown error shows nothing of itself, and is logged with its cause under the request id', async () => {
  const broken = await startTestApi()
  await broken.database.sql`alter table vms rename column spec to secret`
  const answer = await broken.send('GET', '/api/v1/vms')
  expect(answer.status).toBe(500)
  expect(answer.body).toEqual({
    code: 'internal',
    message: 'Internal error',
    requestId: answer.headers.get('x-request-id'),
  })
  const { facts } = one(broken.log.lines.find(({ level }) => level === 'error'))
  expect(facts).toMatchObject({ requestId: answer.body.requestId, method: 'GET', path: '/api/v1/vms' })
  expect(String((facts.err as Error).cause)).toContain('spec')
})

test('errors that are the caller’s are not logged as ours', async () => {
  const quiet = await startTestApi()
  await quiet.send('GET', '/nowhere')
  await quiet.send('POST', '/api/v1/vms', '{')
  await quiet.send('GET', '/api/v1/vms/1')
  expect(quiet.log.lines).toEqual([])
})

test('every code has a status, and the published refusal is no server error', () => {
  expect(Object.keys(statusOfCode).sort()).toEqual([...errorCodes].sort())
  expect(statusOf({ code: 'internal' })).toBe(500)
  expect(statusOf({ code: 'internal', reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU' })).toBe(409)
  expect(statusOf({ code: 'not_found', reason: 'toString' })).toBe(404)
})
