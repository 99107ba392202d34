// A worker as worker/main.ts runs it, that kills itself where KILL_AT says: "<step>/<moment>", or so many milliseconds
// after it: "<step>/<moment>+<ms>".
import { pino } from 'pino'
import { openDatabase } from '#db/client.ts'
import { queueConfig } from '#db/operations/queue.ts'
import { loadSettings } from '#db/settings.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { openHypervisor } from '#worker/hypervisor/open.ts'
import { imageStore } from '#worker/images/image-store.ts'
import { readNodeId } from '#worker/node/node-id.ts'
import { lockNode } from '#worker/node/node-lock.ts'
import { untilItSucceeds } from '#worker/repeat.ts'
import { startWorker } from '#worker/worker.ts'

const settings = loadSettings(process.env)
const [killAt, killAfterMs] = (process.env.KILL_AT ?? '').split('+')
const kill = () => process.kill(process.pid, 'SIGKILL')
const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' })
const { signal } = new AbortController()

lockNode(settings.stateDirectory)
const nodeId = readNodeId(settings.stateDirectory)
const hypervisor = await untilItSucceeds('opening', () => openHypervisor({ settings, nodeId, log }), { signal, log })
await startWorker(
  {
    nodeId,
    daemonAddress: null,
    db: openDatabase(settings.databaseUrl as string),
    queue: queueConfig(settings),
    hypervisor,
    images: imageStore(settings),
    secretBox: testSecretBox,
    health: { setServing: () => {} },
    log,
    onSuperseded: () => process.exit(3),
    at: (_, step, moment) => {
      if (`${step}/${moment}` !== killAt) return
      if (killAfterMs === undefined) kill()
      else setTimeout(kill, Number(killAfterMs))
    },
  },
  signal,
)
