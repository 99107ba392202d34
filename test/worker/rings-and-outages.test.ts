import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { expect, test as sequentialTest } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { findNode, registerNode } from '#db/nodes.ts'
import { openDoorbell } from '#db/operations/doorbell.ts'
import { eventually } from '#test/db/eventually.ts'
import { startProxy } from '#test/db/proxy.ts'
import { anOperation, aVm } from '#test/db/rows.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { runController } from '#worker/control/controller.ts'
import { aWorker, db, ended, log, queue, redis } from './a-worker.ts'

// Most of their time they wait for the next poll or heartbeat.
const test = sequentialTest.concurrent

test('a ring is enough to begin an operation, without a poll', { timeout: 60_000 }, async ({ onTestFinished }) => {
  const nodeId = randomUUID()
  await registerNode(db, nodeId, someNodeFacts())
  const doorbell = openDoorbell(queue)
  onTestFinished(() => doorbell.close())
  const operation = await anOperation(db, await aVm(db, nodeId, { state: 'CREATING' }), 'vm.create')
  // A poll passes by a row that somebody holds; only a ring's claim wants this very one, and waits for it.
  await db.sql.begin(async (holder) => {
    const [held] = await holder`select pg_backend_pid() as pid from operations where id = ${operation.id} for update`
    await aWorker(onTestFinished, { nodeId })
    await doorbell.ring(operation)
    await eventually(async () => {
      const waiting = await db.sql`select pid from pg_stat_activity where ${held?.pid} = any(pg_blocking_pids(pid))`
      return waiting.length > 0
    }, 30_000)
  })
  expect(await ended(operation.id, 30_000)).toMatchObject({ status: 'succeeded' })
})

test('operations that nobody rang for run all the same', async ({ onTestFinished }) => {
  const { worker } = await aWorker(onTestFinished)
  const { id } = await anOperation(db, await aVm(db, worker.nodeId, { state: 'CREATING' }), 'vm.create')
  expect(await ended(id, 8000)).toMatchObject({ status: 'succeeded' })
})

test('when Redis is emptied with operations queued, all of them run', async ({ onTestFinished }) => {
  const nodeId = randomUUID()
  await registerNode(db, nodeId, someNodeFacts())
  const doorbell = openDoorbell(queue)
  onTestFinished(() => doorbell.close())
  const queued = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const operation = await anOperation(db, await aVm(db, nodeId, { state: 'CREATING' }), 'vm.create')
      await doorbell.ring(operation)
      return operation.id
    }),
  )
  const client = new Redis(redis.url)
  await client.flushall()
  client.disconnect()
  await aWorker(onTestFinished, { nodeId })
  for (const id of queued) expect(await ended(id, 8000)).toMatchObject({ status: 'succeeded', attempt: 1 })
})

test('while a worker is without Redis it goes on with what it finds', async ({ onTestFinished }) => {
  const proxy = await startProxy(redis.url)
  const { worker } = await aWorker(onTestFinished, { queue: { backend: 'redis', url: proxy.url } })
  await proxy.cut()
  const { id } = await anOperation(db, await aVm(db, worker.nodeId, { state: 'CREATING' }), 'vm.create')
  expect(await ended(id, 8000)).toMatchObject({ status: 'succeeded' })
})

test('a worker outlives an outage of Postgres', async ({ onTestFinished }) => {
  const proxy = await startProxy(db.url)
  const behindProxy = openDatabase(proxy.url)
  onTestFinished(() => behindProxy.close())
  const { worker } = await aWorker(onTestFinished, { db: behindProxy })
  await proxy.cut()
  const { id } = await anOperation(db, await aVm(db, worker.nodeId, { state: 'CREATING' }), 'vm.create')
  await proxy.restore()
  expect(await ended(id, 12_000)).toMatchObject({ status: 'succeeded' })
})

test('a worker that starts without Postgres waits for it', async ({ onTestFinished }) => {
  const proxy = await startProxy(db.url)
  await proxy.cut()
  const behindProxy = openDatabase(proxy.url)
  onTestFinished(() => behindProxy.close())
  const nodeId = randomUUID()
  const started = aWorker(onTestFinished, { db: behindProxy, nodeId })
  await proxy.restore()
  await started
  expect(await findNode(db, nodeId)).toMatchObject({ epoch: 1, hypervisor: 'simulated' })
})

test('a controller rings again, through an outage of the queue', async ({ onTestFinished }) => {
  const proxy = await startProxy(redis.url)
  await proxy.cut()
  const doorbell = openDoorbell({ backend: 'redis', url: proxy.url })
  const stopping = new AbortController()
  const controlled = runController({ db, doorbell, log, maxSnapshots: 32, eventRetentionDays: 90 }, stopping.signal)
  onTestFinished(async () => {
    stopping.abort()
    await controlled
    await doorbell.close()
  })
  const nodeId = randomUUID()
  await registerNode(db, nodeId, someNodeFacts())
  const notBefore = new Date(Date.now() - 10_000)
  const { id } = await anOperation(db, await aVm(db, nodeId), 'vm.start', { notBefore })
  await proxy.restore()
  const client = new Redis(redis.url)
  onTestFinished(() => client.disconnect())
  await eventually(async () => (await client.exists(`bull:node-${nodeId}:op-${id}`)) === 1, 8000)
})
