import { openDatabase } from '#db/client.ts'
import { queueConfig } from '#db/operations/queue.ts'
import { programLog } from '#db/program-log.ts'
import { loadSettings } from '#db/settings.ts'
import { stopSignal } from '#db/stop-signal.ts'
import { serveHealth } from './daemon/health-server.ts'
import { openHypervisor } from './hypervisor/open.ts'
import type { Hypervisor } from './hypervisor/port.ts'
import { imageStore } from './images/image-store.ts'
import { readNodeId } from './node/node-id.ts'
import { lockNode } from './node/node-lock.ts'
import { untilItSucceeds } from './repeat.ts'
import { startWorker } from './worker.ts'

const settings = loadSettings(process.env)
const log = programLog('worker')
const queue = queueConfig(settings)
if (settings.databaseUrl === undefined) throw new Error('DATABASE_URL is not set')

const superseded = new AbortController()
const stopping = AbortSignal.any([stopSignal(), superseded.signal])
const stopped = new Promise((resolve) => stopping.addEventListener('abort', resolve))

const lock = lockNode(settings.stateDirectory)
const nodeId = readNodeId(settings.stateDirectory)
const health = await serveHealth(settings.grpcPort)
const db = openDatabase(settings.databaseUrl, { maxConnections: 8, applicationName: 'quantix-worker' })
const onSuperseded = () => {
  log.error({ node: { id: nodeId } }, 'another worker has taken this node over')
  process.exitCode = 1
  superseded.abort()
}

let hypervisor: Hypervisor | undefined
try {
  hypervisor = await untilItSucceeds('opening the hypervisor', () => openHypervisor({ settings, nodeId, log }), {
    signal: stopping,
    log,
  })
  const worker = await startWorker(
    { nodeId, db, queue, hypervisor, images: imageStore(settings), health, log, onSuperseded },
    stopping,
  )
  log.info({ node: { id: nodeId }, hypervisor: hypervisor.kind, queue: queue.backend }, 'the worker serves')
  await stopped
  await worker.close()
} catch (error) {
  if (!stopping.aborted) throw error
} finally {
  await hypervisor?.close()
  health.close()
  await db.close()
  lock.release()
  log.info('the worker has stopped')
}
// BullMQ's Postgres backend leaves a timer behind that would keep the process for another 5 s.
process.exit()
