import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import type { QueueConfig } from '#db/operations/queue.ts'
import { eventually } from '#test/db/eventually.ts'
import { readOperation } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { anImageStore } from '#test/support/image-store.ts'
import { createTestRedis } from '#test/support/redis.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { startWorker, type WorkerDependencies } from '#worker/worker.ts'

export const db = await createTestDatabase()
export const redis = await createTestRedis()
export const queue: QueueConfig = { backend: 'redis', url: redis.url }
export const log = pino({ level: 'silent' })

type Cleanup = (close: () => Promise<void>) => void

/** A worker on a simulated node. */
export async function aWorker(onTestFinished: Cleanup, options: Partial<WorkerDependencies> = {}) {
  const serving: boolean[] = []
  const hypervisor = (options.hypervisor as SimulatedHypervisor | undefined) ?? createSimulatedHypervisor()
  const worker = await startWorker(
    {
      nodeId: randomUUID(),
      daemonAddress: null,
      db,
      queue,
      secretBox: testSecretBox,
      log,
      images: anImageStore(),
      health: { setServing: (is) => serving.push(is) },
      onSuperseded: () => {},
      ...options,
      hypervisor,
    },
    new AbortController().signal,
  )
  onTestFinished(() => worker.close())
  return { worker, hypervisor, serving }
}

export const ended = (id: string, timeoutMs?: number) =>
  eventually(async () => {
    const operation = await readOperation(db, id)
    return operation.finishedAt && operation
  }, timeoutMs)
