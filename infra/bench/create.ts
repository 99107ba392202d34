import path from 'node:path'
import { openDatabase } from '#db/client.ts'
import { nodes } from '#db/schema/node.ts'
import { startBackends } from './backends.ts'
import type { FloorRequest } from './create-floor.ts'
import type { BenchGroup, Figure } from './figure.ts'
import { startHelper } from './helper-process.ts'
import type { LoadRequest } from './http-load.ts'
import { alternate, median, quantile } from './measure.ts'
import { benchNode } from './node-row.ts'
import { answers, startServed } from './served-program.ts'

const rounds = 6
const roundMs = 1000

/** Accepted creates, beside the floor under them and beside a naive handler; api and load in processes of their own. */
export const benchCreate: BenchGroup = async function* (say) {
  await using stack = new AsyncDisposableStack()
  const backends = await startBackends(say)
  stack.defer(backends.stop)
  const database = openDatabase(backends.databaseUrl)
  await database.drizzle.insert(nodes).values(benchNode)
  await database.close()

  const env = { DATABASE_URL: backends.databaseUrl, REDIS_URL: backends.redisUrl, QUANTIX_QUEUE: 'redis' }
  const server = async (main: string) => {
    const logFile = path.join(
      backends.directory,
      `${path.basename(main)}-${path.dirname(main)}.log`.replaceAll('/', '-'),
    )
    const program = await startServed(main, env, { logFile, isReady: (port) => answers(port, '/') })
    stack.defer(program.stop)
    return program
  }
  const ours = await server('api/main.ts')
  const naive = await server('infra/bench/naive-api.ts')
  const load = startHelper<LoadRequest>('http-load.ts', {})
  stack.defer(load.stop)
  const floor = startHelper<FloorRequest>('create-floor.ts', env)
  stack.defer(floor.stop)

  for (const concurrency of [1, 16, 64]) {
    say(`create: ${concurrency} at a time …`)
    const work = { concurrency, durationMs: roundMs }
    const samples = await alternate(rounds, {
      ours: () => load.measure({ port: ours.port, ...work }),
      naive: () => load.measure({ port: naive.port, ...work }),
      floor: () => floor.measure(work),
    })
    yield* figuresAt(concurrency, samples)
  }
}

/** Of each contender, the latencies of every round. */
type Samples = Record<'ours' | 'naive' | 'floor', number[][]>

function* figuresAt(concurrency: number, { ours, naive, floor }: Samples): Generator<Figure> {
  const perSecond = (turns: number[][]) => (median(turns.map((turn) => turn.length)) * 1000) / roundMs
  const name = (what: string) => `create ${what}, ${concurrency} at a time`
  const floorNote = 'one bare SQL statement and one bare BullMQ add'
  const common = { unit: '1/s', value: perSecond(ours), n: ours.flat().length }
  yield {
    ...common,
    name: name('accepted'),
    reference: perSecond(floor),
    goal: { of: 'ratio', is: '≥', limit: 0.6 },
    note: floorNote,
  }
  yield {
    ...common,
    name: name('accepted'),
    reference: perSecond(naive),
    goal: { of: 'ratio', is: '≥', limit: 1.2 },
    note: 'a naive handler: a transaction of two inserts, then add',
  }
  const latency = { unit: 'ms', n: ours.flat().length, note: floorNote }
  yield { ...latency, name: name('p50'), value: median(ours.flat()), reference: median(floor.flat()), goal: null }
  yield {
    ...latency,
    name: name('p99'),
    value: quantile(ours.flat(), 0.99),
    reference: quantile(floor.flat(), 0.99),
    goal: { of: 'value', is: '≤', limit: 25 },
  }
}
