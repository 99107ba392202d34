import { connect } from 'node:net'
import type { BenchGroup } from './figure.ts'
import { startHelper } from './helper-process.ts'
import { manyNodes, nodeAddress } from './node-addresses.ts'
import { startServed } from './served-program.ts'

const watchMs = 40_000
const bareRounds = 5

/** What it costs the control plane to look after many nodes. */
export const benchDaemonPool: BenchGroup = async function* (say) {
  const nodes = await startServed(
    'infra/bench/many-nodes.ts',
    {},
    { logFile: '/dev/null', isReady: (port) => isOpen(nodeAddress(manyNodes - 1, port)) },
  )
  const env = { NODES_PORT: String(nodes.port) }
  const bare = startHelper<{ rounds: number }>('bare-channels.ts', env)
  const pool = startHelper<{ watchMs: number }>('pool-of-many.ts', env)
  try {
    say(`daemon pool: ${manyNodes} nodes, watched for ${(watchMs * 1.5) / 1000} s …`)
    const [bareCpuSeconds = null, bareBytes = 0] = await bare.measure({ rounds: bareRounds })
    const [cpuSeconds = null, bytes = 0] = await pool.measure({ watchMs })
    yield {
      name: `daemon pool, a round of ${manyNodes} nodes, CPU`,
      unit: 's',
      value: cpuSeconds,
      reference: bareCpuSeconds,
      goal: { of: 'value', is: '≤', limit: 1 },
      n: manyNodes,
      note: 'the same calls by clients of @grpc/grpc-js alone, at once and without deadlines',
    }
    yield {
      name: 'daemon pool, a node, memory',
      unit: 'kB',
      value: bytes / 1000,
      reference: bareBytes / 1000,
      goal: null,
      n: manyNodes,
      note: 'a client of @grpc/grpc-js alone',
    }
  } finally {
    await Promise.all([bare.stop(), pool.stop()])
    await nodes.stop()
  }
}

function isOpen(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':')
  const socket = connect(Number(port), host)
  return new Promise<boolean>((resolve) => {
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
  }).finally(() => socket.destroy())
}
