import { beforeAll, expect, test } from 'vitest'
import { startTestApi, type TestApi } from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

test('an API that reaches its database and queue is ready, and says which they are', async () => {
  const answer = await api.send('GET', '/readyz')
  expect(answer).toMatchObject({
    status: 200,
    body: {
      status: 'ready',
      checks: { database: { status: 'ok', backend: 'postgres' }, queue: { status: 'ok', backend: 'redis' } },
    },
  })
})

test('without its queue it is not ready, and healthy all the same', async () => {
  api.doorbell.broken.by = new Error('secret address')
  const ready = await api.send('GET', '/readyz')
  const healthy = await api.send('GET', '/healthz')
  api.doorbell.broken.by = null
  expect(ready).toMatchObject({
    status: 503,
    body: { status: 'unavailable', checks: { database: { status: 'ok' }, queue: { status: 'failed' } } },
  })
  expect(JSON.stringify(ready.body)).not.toContain('secret')
  expect(healthy).toMatchObject({ status: 200, body: { status: 'ok' } })
})

test('a database without our tables is not ready', async () => {
  const empty = await startTestApi()
  await empty.database.sql`drop table snapshots, operations, vms cascade`
  const answer = await empty.send('GET', '/readyz')
  expect(answer).toMatchObject({ status: 503, body: { checks: { database: { status: 'failed' } } } })
})
