import type { Database } from '#db/client.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { aWorker, db, log } from '#test/worker/a-worker.ts'
import { managedControl } from '#worker/daemon/managed-control.ts'
import { createNodeEvents } from '#worker/daemon/node-events.ts'
import { openServer } from '#worker/daemon/server.ts'
import { nodeDaemonService } from '#worker/daemon/service.ts'
import type { SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aClient, type OnTestFinished } from './daemon.ts'

/** The daemon of a node with a control plane, as the worker starts it, on a free port and this file's database, which it may reach another way than its worker. */
export async function aManagedDaemon(
  onTestFinished: OnTestFinished,
  hypervisor: SimulatedHypervisor,
  box = testSecretBox,
  database: Database = db,
) {
  const { worker } = await aWorker(onTestFinished, { hypervisor, secretBox: box })
  const { nodeId, executor } = worker
  const stopping = new AbortController()
  const server = await openServer({ host: '127.0.0.1', port: 0 })
  const client = aClient(server.port)
  const control = managedControl({
    nodeId,
    database,
    secretBox: box,
    maxSnapshots: 4,
    executor,
    log,
    stopping: stopping.signal,
  })
  const common = { nodeId, version: '0.0.0', hypervisor, log, stopping: stopping.signal }
  server.serve(
    nodeDaemonService({
      ...common,
      control,
      events: createNodeEvents(hypervisor),
      imagesDirectory: '/nonexistent',
      isServing: () => true,
    }),
  )
  onTestFinished(async () => {
    client.close()
    stopping.abort()
    await server.close(100)
  })
  return { client, nodeId, stopping, worker }
}
