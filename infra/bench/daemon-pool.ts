import { connect } from 'node:net'
import type { BenchGroup } from './figure.ts'
import { startHelper } from './helper-process.ts'
import { manyNodes, nodeAddress } from './node-addresses.ts'
import { startServed } from './served-program.ts'

const watchMs = 40_000

/** What it costs the control plane to look after many nodes. */
export const benchDaemonPool: BenchGroup = async function* (say) {
  const nodes = await startServed(
    'infra/bench/many-nodes.ts',
    {},
    { logFile: '/dev/null', isReady: (port) => isOpen(nodeAddress(manyNodes - 1, port)) },
  )
  const pool = startHelper<{ watchMs: number }>('pool-of-many.ts', { NODES_PORT: String(nodes.port) })
  try {
    say(`daemon pool: ${manyNodes} nodes, watched for ${(watchMs * 1.5) / 1000} s …`)
    const [cpuSeconds = null, bytesPerNode = 0, rounds = 0] = await pool.measure({ watchMs })
    yield {
      name: `daemon pool, CPU of one round, ${manyNodes} nodes`,
      unit: 's',
      value: cpuSeconds,
      reference: null,
      goal: { of: 'value', is: '≤', limit: 1 },
      n: Math.round(rounds * manyNodes),
      note: 'none: all that its process uses from one health check of each node to the next',
    }
    yield {
      name: 'daemon pool, memory of one node',
      unit: 'kB',
      value: bytesPerNode / 1000,
      reference: null,
      goal: null,
      n: manyNodes,
      note: 'none: resident, after garbage collection',
    }
  } finally {
    await pool.stop()
    await nodes.stop()
  }
}

function isOpen(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':')
  const socket = connect(Number(port), host)
  return new Promise((resolve) => {
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
  }).finally(() => socket.destroy()) as Promise<boolean>
}
