import { openDatabase } from '#db/client.ts'
import { openDoorbell } from '#db/operations/doorbell.ts'
import { queueConfig } from '#db/operations/queue.ts'
import { programLog } from '#db/program-log.ts'
import { secretBox } from '#db/secrets/secret-box.ts'
import { loadSettings } from '#db/settings.ts'
import { stopSignal } from '#db/stop-signal.ts'
import { metricsText } from './node-daemons/metrics-text.ts'
import { openNodeDaemons } from './node-daemons/open.ts'
import { serveApi } from './serve.ts'

const settings = loadSettings(process.env)
const log = programLog('api')
if (settings.databaseUrl === undefined) throw new Error('DATABASE_URL is not set')

const database = openDatabase(settings.databaseUrl, { maxConnections: 16, applicationName: 'quantix-api' })
const queue = queueConfig(settings)
const doorbell = openDoorbell(queue)
const nodeDaemons = await openNodeDaemons(settings, { database, log })
const { maxSnapshots, port, secretKeys } = settings
const server = await serveApi(
  {
    database,
    doorbell,
    queueBackend: queue.backend,
    daemons: nodeDaemons.pool,
    secretBox: secretBox(secretKeys),
    maxSnapshots,
    log,
  },
  { port, metrics: () => metricsText(nodeDaemons.pool.snapshot()) },
)
log.info({ url: server.url, queue: queue.backend }, 'the API serves')

const stopping = stopSignal()
await new Promise((resolve) => stopping.addEventListener('abort', resolve))
log.info({ signal: stopping.reason }, 'the API stops')
await server.close()
await nodeDaemons.close()
await doorbell.close()
await database.close()
// A node whose network drops the first packet keeps a socket, and the program, for two minutes: grpc-js never gives it up.
process.exit()
