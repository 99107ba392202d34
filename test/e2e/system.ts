import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, expect } from 'vitest'
import { serveApi } from '#api/serve.ts'
import { openDoorbell } from '#db/operations/doorbell.ts'
import type { QueueConfig } from '#db/operations/queue.ts'
import { createClient } from '#openapi/sdk/typescript/client/index.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { createTestRedis } from '#test/support/redis.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { startWorker } from '#worker/worker.ts'

type QueueOf = (databaseUrl: string) => Promise<QueueConfig>

export const onPostgres: QueueOf = async (url) => ({ backend: 'postgres', url })

/** The queues that a system may have, by name. */
export const queues: [string, QueueOf][] = [
  ['redis', async () => ({ backend: 'redis', url: (await createTestRedis()).url })],
  ['postgres', onPostgres],
]

/** The API and a worker on one database and queue, and a client of the generated SDK. The hypervisor is its caller's to close. */
export async function startSystem(queueOf: QueueOf, hypervisor: Hypervisor, nodeId: string = randomUUID()) {
  const database = await createTestDatabase()
  const queue = await queueOf(database.url)
  const doorbell = openDoorbell(queue)
  const log = pino({ level: 'silent' })
  const server = await serveApi({ database, doorbell, queueBackend: queue.backend, maxSnapshots: 32, log }, { port: 0 })
  const worker = await startWorker(
    { nodeId, db: database, queue, hypervisor, health: { setServing() {} }, log, onSuperseded() {} },
    new AbortController().signal,
  )
  afterAll(async () => {
    await worker.close()
    await server.close()
    await doorbell.close()
  })
  return { client: createClient({ baseUrl: server.url }), nodeId }
}

/** The data of an SDK answer that must be a success. */
export function succeeded<Data>(answer: { data?: Data; error?: unknown }): NonNullable<Data> {
  expect(answer.error).toBeUndefined()
  if (answer.data === undefined || answer.data === null) throw new Error('no data')
  return answer.data
}

/** Waits for the outcome. */
export const headers = { Prefer: 'wait=20' }
export const spec = { cpu: { cores: 2, sockets: 1 }, memory: { sizeMib: 128 }, disks: [{ sizeGib: 1 }] }
