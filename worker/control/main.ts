import { openDatabase } from '#db/client.ts'
import { openDoorbell } from '#db/operations/doorbell.ts'
import { queueConfig } from '#db/operations/queue.ts'
import { programLog } from '#db/program-log.ts'
import { loadSettings } from '#db/settings.ts'
import { stopSignal } from '#db/stop-signal.ts'
import { runController } from './controller.ts'

const settings = loadSettings(process.env)
const log = programLog('controller')
const queue = queueConfig(settings)
if (settings.databaseUrl === undefined) throw new Error('DATABASE_URL is not set')

const db = openDatabase(settings.databaseUrl, { maxConnections: 2, applicationName: 'quantix-controller' })
const doorbell = openDoorbell(queue)
log.info({ queue: queue.backend }, 'the controller sweeps')
const { maxSnapshots, eventRetentionDays } = settings
await runController({ db, doorbell, log, maxSnapshots, eventRetentionDays }, stopSignal())
log.info('the controller stops')
await doorbell.close()
await db.close()
