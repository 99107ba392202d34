import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { migrate } from '#db/migrate.ts'
import { operations } from '#db/schema/operation.ts'
import { startPostgres } from '#infra/postgres.ts'
import { eventually } from '#test/db/eventually.ts'
import { startProxy } from '#test/db/proxy.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { aVm, startTestApi, wantedVm } from './test-api.ts'

const directory = await mkdtemp(path.join(tmpdir(), 'outage-'))
afterAll(() => rm(directory, { recursive: true, force: true }))

test('a mutation whose database goes away while it is waited for is answered with 202: it was accepted', async () => {
  const real = await createTestDatabase()
  const proxy = await startProxy(real.url)
  const database = openDatabase(proxy.url)
  const api = await startTestApi({ database })
  const waiting = api.send('POST', '/api/v1/vms', wantedVm(), { Prefer: 'wait=20' })
  await eventually(() => api.doorbell.rings.length === 1)
  await proxy.cut()
  const answer = await waiting
  expect(answer).toMatchObject({ status: 202, body: { operation: { kind: 'vm.create' } } })
  expect(await real.drizzle.$count(operations)).toBe(1)
  await database.close()
})

test('while Postgres is away every request is answered with 503, and all goes on when it is back', async () => {
  await chmod(directory, 0o755)
  const options = { directory: path.join(directory, 'postgres'), database: 'quantix', fsync: false, say: () => {} }
  let postgres = await startPostgres(options)
  await migrate(postgres.url)
  // It comes up on another port each time.
  const address = await startProxy(postgres.url)
  const database = openDatabase(address.url)
  try {
    const api = await startTestApi({ database })
    const vm = await aVm(api)
    const requests = [
      ['GET', '/api/v1/vms'],
      ['GET', `/api/v1/vms/${vm.id}`],
      ['POST', `/api/v1/vms/${vm.id}/start`],
      ['POST', '/api/v1/vms', wantedVm()],
      ['GET', '/api/v1/operations'],
    ] as const
    expect((await api.send('GET', '/readyz')).status).toBe(200)

    await postgres.stop()
    await address.cut()
    for (const [method, target, body] of requests) {
      const answer = await api.send(method, target, body)
      expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable', reason: 'DATABASE_UNAVAILABLE' } })
      expect(answer.headers.get('retry-after')).toBe('1')
      expect(answer.body.message).not.toContain('127.0.0.1')
    }
    expect(await api.send('GET', '/readyz')).toMatchObject({
      status: 503,
      body: { checks: { database: { status: 'failed' } } },
    })
    expect((await api.send('GET', '/healthz')).status).toBe(200)

    postgres = await startPostgres(options)
    await address.restore(postgres.url)
    await vi.waitFor(async () => expect((await api.send('GET', '/readyz')).status).toBe(200), { timeout: 5000 })
    expect((await api.send('GET', `/api/v1/vms/${vm.id}`)).body).toMatchObject({ status: { state: 'STOPPED' } })
    expect((await api.send('POST', '/api/v1/vms', wantedVm())).status).toBe(202)
  } finally {
    await database.close()
    await postgres.stop()
  }
})
