import { randomUUID } from 'node:crypto'
import { afterAll, expect } from 'vitest'
import type { QueueConfig } from '#db/operations/queue.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { createTestRedis } from '#test/support/redis.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { openSystem } from './open-system.ts'

type QueueOf = (databaseUrl: string) => Promise<QueueConfig>

export const onPostgres: QueueOf = async (url) => ({ backend: 'postgres', url })

/** The queues that a system may have, by name. */
export const queues: [string, QueueOf][] = [
  ['redis', async () => ({ backend: 'redis', url: (await createTestRedis()).url })],
  ['postgres', onPostgres],
]

/** The API and a worker on a database and queue of this test file, and a client of the generated SDK. The hypervisor is its caller's to close. */
export async function startSystem(queueOf: QueueOf, hypervisor: Hypervisor, nodeId: string = randomUUID()) {
  const database = await createTestDatabase()
  const { url, client, close } = await openSystem({ database, queue: await queueOf(database.url), hypervisor, nodeId })
  afterAll(close)
  return { url, client, nodeId }
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
