import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { credentials } from '@grpc/grpc-js'
import { createDaemonPool } from '#api/node-daemons/daemon-pool.ts'
import { answerRequests } from './helper-process.ts'
import { manyNodes, nodeAddress } from './node-addresses.ts'

/** One pool of many nodes, as the API has it, in a process of its own: what it costs is all that this process uses. */
const port = Number(process.env.NODES_PORT)
const pool = createDaemonPool({
  credentials: () => credentials.createInsecure(),
  log: { info() {}, warn() {}, error() {} },
})
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

async function residentBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    collectGarbage()
    await sleep(100)
  }
  return process.memoryUsage.rss()
}

const checks = () => pool.snapshot().methods.HealthCheck?.calls ?? 0
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

answerRequests<{ watchMs: number }>(
  async ({ watchMs }) => {
    const before = await residentBytes()
    for (let index = 0; index < manyNodes; index++) {
      const address = nodeAddress(index, port)
      pool.connect(address, address)
    }
    const isConnected = () => pool.snapshot().nodes.every(({ state }) => state === 'CONNECTED')
    while (!isConnected()) await sleep(50)
    await sleep(watchMs / 2)
    const bytesPerNode = ((await residentBytes()) - before) / manyNodes

    const [begun, checksBefore] = [cpuSeconds(), checks()]
    await sleep(watchMs)
    const rounds = (checks() - checksBefore) / manyNodes
    return [(cpuSeconds() - begun) / rounds, bytesPerNode, rounds]
  },
  async () => pool.close(),
)
