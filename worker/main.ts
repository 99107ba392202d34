import { parseArgs } from 'node:util'
import { type Database, openDatabase } from '#db/client.ts'
import { queueConfig } from '#db/operations/queue.ts'
import { programLog } from '#db/program-log.ts'
import { secretBox } from '#db/secrets/secret-box.ts'
import { loadSettings } from '#db/settings.ts'
import { stopSignal } from '#db/stop-signal.ts'
import { watchCertificates } from '#proto/tls/watched-certificates.ts'
import packageJson from '../package.json' with { type: 'json' }
import { advertisedAddress } from './daemon/advertised-address.ts'
import { readListenAddress, requireLoopback } from './daemon/listen-address.ts'
import { managedControl } from './daemon/managed-control.ts'
import { managementAddress } from './daemon/management-address.ts'
import { createNodeEvents } from './daemon/node-events.ts'
import { openServer } from './daemon/server.ts'
import { nodeDaemonService } from './daemon/service.ts'
import { openHypervisor } from './hypervisor/open.ts'
import type { Hypervisor } from './hypervisor/port.ts'
import { imageStore } from './images/image-store.ts'
import { readNodeId } from './node/node-id.ts'
import { lockNode } from './node/node-lock.ts'
import { untilItSucceeds } from './repeat.ts'
import { startStandalone } from './standalone/start-standalone.ts'
import { startWorker } from './worker.ts'

const { values: flags } = parseArgs({
  options: {
    standalone: { type: 'boolean', default: false },
    listen: { type: 'string' },
    insecure: { type: 'boolean', default: false },
  },
})
const settings = loadSettings(process.env)
const { version } = packageJson
const log = programLog('worker')
if (!flags.standalone && settings.databaseUrl === undefined) {
  throw new Error('DATABASE_URL is not set. A node without a control plane is served with --standalone')
}
const listen = readListenAddress(flags.listen ?? `127.0.0.1:${settings.grpcPort}`)

if (settings.nodeTlsDirectory === undefined && !flags.insecure) requireLoopback(listen)

const superseded = new AbortController()
const stopping = AbortSignal.any([stopSignal(), superseded.signal])
const stopped = new Promise((resolve) => stopping.addEventListener('abort', resolve))

const lock = lockNode(settings.stateDirectory)
const nodeId = readNodeId(settings.stateDirectory)
const certificates =
  settings.nodeTlsDirectory === undefined
    ? undefined
    : await watchCertificates({ directory: settings.nodeTlsDirectory, nodeId, log })
const server = await openServer(listen, certificates && { certificates, log })
if (!certificates) {
  log.warn(
    { listen: `${listen.host}:${server.port}` },
    'without TLS whoever reaches this port rules this node, any user of this machine too: QUANTIX_NODE_TLS_DIR keeps it to the control plane, on loopback too',
  )
}
const onSuperseded = () => {
  log.error({ node: { id: nodeId } }, 'another worker has taken this node over')
  process.exitCode = 1
  superseded.abort()
}

let hypervisor: Hypervisor | undefined
let db: Database | undefined
try {
  hypervisor = await untilItSucceeds('opening the hypervisor', () => openHypervisor({ settings, nodeId, log }), {
    signal: stopping,
    log,
  })
  const program = await start(hypervisor)
  log.info(
    {
      node: { id: nodeId },
      hypervisor: hypervisor.kind,
      listen: `${listen.host}:${server.port}`,
      tls: certificates !== undefined,
    },
    'the worker serves',
  )
  await stopped
  await program.close()
} catch (error) {
  if (!stopping.aborted) throw error
} finally {
  await server.close(1000)
  await hypervisor?.close()
  await db?.close()
  lock.release()
  log.info('the worker has stopped')
}
// BullMQ's Postgres backend leaves a timer behind that would keep the process for another 5 s.
process.exit()

async function start(hypervisor: Hypervisor): Promise<{ close(): Promise<void> }> {
  const { imagesDirectory } = settings
  const common = { nodeId, version, hypervisor, imagesDirectory, log }
  const box = secretBox(settings.secretKeys)
  if (settings.databaseUrl === undefined || flags.standalone) {
    return await startStandalone({ ...common, secretBox: box, settings, server })
  }
  db = openDatabase(settings.databaseUrl, { maxConnections: 8, applicationName: 'quantix-worker' })
  const events = createNodeEvents(hypervisor)
  const worker = await startWorker(
    {
      nodeId,
      daemonAddress:
        settings.grpcAdvertise ?? advertisedAddress({ host: listen.host, port: server.port }, managementAddress()),
      db,
      queue: queueConfig(settings),
      hypervisor,
      images: imageStore(settings),
      secretBox: box,
      health: server,
      log,
      onSuperseded,
      onSuccess: events.succeeded,
    },
    stopping,
  )
  const control = managedControl({
    nodeId,
    database: db,
    secretBox: box,
    maxSnapshots: settings.maxSnapshots,
    executor: worker.executor,
    log,
    stopping,
  })
  server.serve(
    nodeDaemonService({
      ...common,
      control,
      events,
      isServing: () => server.isServing,
      certificateExpiresAt: () => server.certificateExpiresAt,
      stopping,
    }),
  )
  return worker
}
