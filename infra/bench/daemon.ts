import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client, credentials } from '@grpc/grpc-js'
import { createDaemonPool } from '#api/node-daemons/daemon-pool.ts'
import { loadNodeDaemon } from '#proto/node-daemon.ts'
import { benchDaemonPool } from './daemon-pool.ts'
import { benchDaemonStatus } from './daemon-status.ts'
import type { BenchGroup, Figure } from './figure.ts'
import { answersTo, unary } from './grpc-calls.ts'
import { alternate, median, timeEach } from './measure.ts'
import { startServed } from './served-program.ts'

const rounds = 15
const callsPerRound = 200
/** About as long as the daemon's answer. */
const echoed = Buffer.alloc(32)

/** How long the node daemon's health takes over gRPC, beside an echo of @grpc/grpc-js alone, and what many nodes cost. */
export const benchDaemon: BenchGroup = async function* (say) {
  const directory = await mkdtemp(path.join(tmpdir(), 'bench-'))
  const env = { QUANTIX_STATE: directory, QUANTIX_LIBVIRT_URI: 'simulated:///', DATABASE_URL: undefined }
  const { HealthCheck } = loadNodeDaemon().service
  const { requestSerialize, responseDeserialize } = HealthCheck
  const health = (client: Client) => unary(client, HealthCheck.path, requestSerialize, responseDeserialize, {})
  const asIs = (bytes: Buffer): Buffer => bytes
  const echoBack = (client: Client) => unary(client, '/bench.Echo/Echo', asIs, asIs, echoed)
  const daemon = await startServed('worker/main.ts', env, {
    logFile: path.join(directory, 'daemon.log'),
    isReady: answersTo(health),
    args: (port) => ['--standalone', '--listen', `127.0.0.1:${port}`],
  })
  const echo = await startServed(
    'infra/bench/bare-echo.ts',
    {},
    {
      logFile: path.join(directory, 'echo.log'),
      isReady: answersTo(echoBack),
    },
  )
  const pool = createDaemonPool({
    credentials: () => credentials.createInsecure(),
    log: { info() {}, warn() {}, error() {} },
  })
  const clients = [daemon, echo].map(({ port }) => new Client(`127.0.0.1:${port}`, credentials.createInsecure()))
  try {
    const [daemonClient, echoClient] = clients as [Client, Client]
    say(`daemon: ${rounds} × ${callsPerRound} calls each …`)
    const { nodeId } = (await health(daemonClient)) as { nodeId: string }
    const pooled = pool.connect(nodeId, `127.0.0.1:${daemon.port}`)
    const turn = (call: () => Promise<unknown>) => () => timeEach(callsPerRound, call)
    const samples = await alternate(rounds, {
      daemon: turn(() => health(daemonClient)),
      pool: turn(() => pooled.call.HealthCheck({})),
      echo: turn(() => echoBack(echoClient)),
    })
    yield figure('node daemon, health, p50', samples.daemon.flat(), samples.echo.flat())
    yield figure('node daemon, health through the pool, p50', samples.pool.flat(), samples.echo.flat())
  } finally {
    pool.close()
    for (const client of clients) client.close()
    await Promise.all([daemon.stop(), echo.stop()])
    await rm(directory, { recursive: true })
  }
  yield* benchDaemonStatus(say)
  yield* benchDaemonPool(say)
}

const figure = (name: string, samples: number[], echo: number[]): Figure => ({
  name,
  unit: 'ms',
  value: median(samples),
  reference: median(echo),
  goal: { of: 'ratio', is: '≤', limit: 1.3 },
  n: samples.length,
  note: 'an echo of @grpc/grpc-js alone',
})
