import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterEach, describe, expect, test } from 'vitest'
import { type Doorbell, openDoorbell } from '#db/operations/doorbell.ts'
import { listenForRings, type RingListener } from '#db/operations/listen.ts'
import { nodeQueueName, type QueueConfig } from '#db/operations/queue.ts'
import { ringForgotten } from '#db/operations/sweep.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { createTestRedis } from '#test/support/redis.ts'
import { eventually } from '../eventually.ts'
import { startProxy } from '../proxy.ts'
import { aNode, anOperation, aVm } from '../rows.ts'

const db = await createTestDatabase()
const redis = await createTestRedis()

const servers = {
  redis: {
    url: redis.url,
    async forgetEverything() {
      const client = new Redis(redis.url)
      await client.flushall()
      client.disconnect()
    },
    async spoil(queueName: string) {
      const client = new Redis(redis.url)
      await client.set(`bull:${queueName}:wait`, 'not a list')
      return async () => {
        await client.del(`bull:${queueName}:wait`)
        client.disconnect()
      }
    },
  },
  postgres: {
    url: db.url,
    async forgetEverything() {
      const client = new pg.Client(db.url)
      await client.connect()
      await client.query('delete from bullmq.job')
      await client.end()
    },
    async spoil() {
      const client = new pg.Client(db.url)
      await client.connect()
      await client.query('alter table bullmq.job rename to job_elsewhere')
      return async () => {
        await client.query('alter table bullmq.job_elsewhere rename to job')
        await client.end()
      }
    },
  },
} as const

const open = new Set<Doorbell | RingListener>()
afterEach(async () => {
  for (const opened of open) await opened.close()
  open.clear()
})

function aDoorbell(queue: QueueConfig): Doorbell {
  const doorbell = openDoorbell(queue)
  open.add(doorbell)
  return doorbell
}

/** Hears a node's rings, in order. */
function listen(queue: QueueConfig, nodeId: string, onError: (error: unknown) => void = () => {}): string[] {
  const heard: string[] = []
  const onRing = async (operationId: string) => void heard.push(operationId)
  open.add(listenForRings(queue, nodeId, { onRing, onError }))
  return heard
}

const aRing = (nodeId: string) => ({ id: randomUUID(), kind: 'vm.create', nodeId }) as const

describe.each(['redis', 'postgres'] as const)('on %s', (backend) => {
  const { url, forgetEverything, spoil } = servers[backend]
  const queue: QueueConfig = { backend, url }

  test('a ring is heard by its node, and by no other', async () => {
    const [here, there] = [randomUUID(), randomUUID()]
    const [heard, elsewhere] = [listen(queue, here), listen(queue, there)]
    const doorbell = aDoorbell(queue)
    const [ring, other] = [aRing(here), aRing(there)]
    await doorbell.ring(ring)
    await doorbell.ring(other)
    await eventually(() => heard.length > 0 && elsewhere.length > 0)
    expect({ heard, elsewhere }).toEqual({ heard: [ring.id], elsewhere: [other.id] })
  })

  test('a ring waits for a worker that is not there yet, and is heard once however often it is rung', async () => {
    const nodeId = randomUUID()
    const doorbell = aDoorbell(queue)
    const [ring, last] = [aRing(nodeId), aRing(nodeId)]
    for (let n = 0; n < 5; n++) await doorbell.ring(ring)
    await doorbell.ring(last)
    const heard = listen(queue, nodeId)
    await eventually(() => heard.includes(last.id))
    expect(heard).toEqual([ring.id, last.id])
  })

  test('of many rings at once each is heard once, by its own node', async () => {
    const [here, there] = [randomUUID(), randomUUID()]
    const doorbell = aDoorbell(queue)
    const rings = Array.from({ length: 40 }, (_, index) => aRing(index % 4 ? here : there))
    await Promise.all([...rings, ...rings].map((ring) => doorbell.ring(ring)))
    const [heard, elsewhere] = [listen(queue, here), listen(queue, there)]
    await eventually(() => heard.length >= 30 && elsewhere.length >= 10)
    const idsOf = (nodeId: string) => rings.filter((ring) => ring.nodeId === nodeId).map(({ id }) => id)
    expect(heard.toSorted()).toEqual(idsOf(here).toSorted())
    expect(elsewhere.toSorted()).toEqual(idsOf(there).toSorted())
  })

  test('an operation can be rung for again after its ring was heard', async () => {
    const nodeId = randomUUID()
    const doorbell = aDoorbell(queue)
    const heard = listen(queue, nodeId)
    const ring = aRing(nodeId)
    for (const times of [1, 2]) {
      await eventually(async () => {
        await doorbell.ring(ring)
        return heard.length >= times
      })
    }
  })

  test('when the queue has lost everything, the sweep rings again for what is queued', async () => {
    const node = await aNode(db)
    const old = new Date(Date.now() - 10_000)
    const doorbell = aDoorbell(queue)
    const queued = await anOperation(db, await aVm(db, node.nodeId), 'vm.start', { notBefore: old })
    const finished = await anOperation(db, await aVm(db, node.nodeId), 'vm.start', { notBefore: old, status: 'failed' })
    const young = await anOperation(db, await aVm(db, node.nodeId), 'vm.start')
    for (const operation of [queued, finished, young]) await doorbell.ring(operation)
    await forgetEverything()
    const heard = listen(queue, node.nodeId)
    const rung = await ringForgotten(db, doorbell)
    expect(rung.map(({ id }) => id)).toContain(queued.id)
    await eventually(() => heard.includes(queued.id))
    expect(heard).toEqual([queued.id])
    await db.sql`update operations set status = 'failed' where id in ${db.sql([queued.id, young.id])}`
  })

  test('a ring fails within its time when the server is away, and works again when it is back', async () => {
    const proxy = await startProxy(url)
    const doorbell = aDoorbell({ backend, url: proxy.url })
    const nodeId = randomUUID()
    const heard = listen(queue, nodeId)
    await doorbell.ring(aRing(nodeId))
    await proxy.cut()
    const startedAt = performance.now()
    await expect(doorbell.ring(aRing(nodeId))).rejects.toMatchObject({ code: 'unavailable' })
    await expect(doorbell.check()).rejects.toMatchObject({ code: 'unavailable' })
    expect(performance.now() - startedAt).toBeLessThan(4000)
    await proxy.restore()
    const ring = aRing(nodeId)
    await eventually(() =>
      doorbell.ring(ring).then(
        () => true,
        () => false,
      ),
    )
    await eventually(() => heard.includes(ring.id))
  })

  test('a doorbell that was opened while the server was away rings when it is there', async () => {
    const proxy = await startProxy(url)
    await proxy.cut()
    const doorbell = aDoorbell({ backend, url: proxy.url })
    await expect(doorbell.ring(aRing(randomUUID()))).rejects.toMatchObject({ code: 'unavailable' })
    await proxy.restore()
    await eventually(() =>
      doorbell.ring(aRing(randomUUID())).then(
        () => true,
        () => false,
      ),
    )
  })

  test('a listener hears again after its server was away', async () => {
    const proxy = await startProxy(url)
    const nodeId = randomUUID()
    const heard = listen({ backend, url: proxy.url }, nodeId)
    const doorbell = aDoorbell(queue)
    const before = aRing(nodeId)
    await doorbell.ring(before)
    await eventually(() => heard.includes(before.id))
    await proxy.cut()
    await proxy.restore()
    // A ring may be lost that the server had just handed out; the worker's poll is there for that.
    await eventually(async () => {
      const ring = aRing(nodeId)
      await doorbell.ring(ring)
      return eventually(() => heard.includes(ring.id), 1000).catch(() => false)
    }, 12_000)
  })

  test('a listener pauses after an error of the queue itself, and hears again when the queue is mended', async () => {
    const nodeId = randomUUID()
    const failures: number[] = []
    const heard = listen(queue, nodeId, () => failures.push(performance.now()))
    const doorbell = aDoorbell(queue)
    const [before, after] = [aRing(nodeId), aRing(nodeId)]
    await doorbell.ring(before)
    await eventually(() => heard.includes(before.id))
    const mend = await spoil(nodeQueueName(nodeId))
    // Wakes a listener that waits for jobs, where the queue can still take one.
    await doorbell.ring(aRing(nodeId)).catch(() => {})
    await eventually(() => failures.length >= 3, 40_000)
    await mend()
    const [first = 0, , third = 0] = failures
    expect(third - first).toBeGreaterThan(1000)
    await doorbell.ring(after)
    await eventually(() => heard.includes(after.id), 12_000)
  })

  test('a listener that began while its server was away hears when it is there', async () => {
    const proxy = await startProxy(url)
    await proxy.cut()
    const nodeId = randomUUID()
    const heard = listen({ backend, url: proxy.url }, nodeId)
    const ring = aRing(nodeId)
    await aDoorbell(queue).ring(ring)
    expect(heard).toEqual([])
    await proxy.restore()
    await eventually(() => heard.includes(ring.id), 12_000)
  })
})
