import type { Database } from '#db/client.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { aWorker, db, log } from '#test/worker/a-worker.ts'
import { managedControl } from '#worker/daemon/managed-control.ts'
import { createNodeEvents } from '#worker/daemon/node-events.ts'
import { openServer } from '#worker/daemon/server.ts'
import { nodeDaemonService } from '#worker/daemon/service.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { aClient, type OnTestFinished } from './daemon.ts'

interface Parts {
  nodeId?: string
  box?: SecretBox
  /** The way to this file's database, where its worker has another. */
  database?: Database
}

/** The daemon of a node with a control plane, as the worker starts it, on a free port and this file's database. */
export async function aManagedDaemon(onTestFinished: OnTestFinished, hypervisor: Hypervisor, parts: Parts = {}) {
  const { box = testSecretBox, database = db } = parts
  const events = createNodeEvents(hypervisor)
  const { worker } = await aWorker(onTestFinished, {
    hypervisor,
    onSuccess: events.succeeded,
    secretBox: box,
    ...(parts.nodeId && { nodeId: parts.nodeId }),
  })
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
      events,
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
