import { pino } from 'pino'
import { serveApi } from '#api/serve.ts'
import { openDoorbell } from '#db/operations/doorbell.ts'
import type { QueueConfig } from '#db/operations/queue.ts'
import { createClient } from '#openapi/sdk/typescript/client/index.ts'
import type { TestDatabase } from '#test/support/database.ts'
import { anImageStore } from '#test/support/image-store.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { startWorker, type WorkerDependencies } from '#worker/worker.ts'

interface SystemParts extends Pick<WorkerDependencies, 'nodeId' | 'hypervisor' | 'at'> {
  database: TestDatabase
  queue: QueueConfig
  images?: WorkerDependencies['images']
}

/** The API and a worker on one database and queue, and a client of the generated SDK. Closes nothing that it was given. */
export async function openSystem({ database, queue, images = anImageStore(), ...worker }: SystemParts) {
  const doorbell = openDoorbell(queue)
  const log = pino({ level: 'silent' })
  const secretBox = testSecretBox
  const server = await serveApi(
    { database, doorbell, queueBackend: queue.backend, secretBox, maxSnapshots: 32, log },
    { port: 0 },
  )
  const start = (hypervisor: Hypervisor) =>
    startWorker(
      {
        ...worker,
        daemonAddress: null,
        db: database,
        queue,
        hypervisor,
        images,
        secretBox,
        health: { setServing() {} },
        log,
        onSuperseded() {},
      },
      new AbortController().signal,
    )
  let running = await start(worker.hypervisor)
  return {
    url: server.url,
    client: createClient({ baseUrl: server.url }),
    /** Closes the worker, and starts another one of the same node on the hypervisor that `between` opens. */
    async restartWorker(between: () => Promise<Hypervisor>): Promise<void> {
      await running.close()
      running = await start(await between())
    },
    async close(): Promise<void> {
      await running.close()
      await server.close()
      await doorbell.close()
    },
  }
}
