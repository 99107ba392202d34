import { setTimeout as sleep } from 'node:timers/promises'
import { credentials } from '@grpc/grpc-js'
import { createDaemonPool } from '#api/node-daemons/daemon-pool.ts'
import { answerRequests } from './helper-process.ts'
import { manyNodes, nodeAddress } from './node-addresses.ts'
import { cpuSeconds, residentBytes } from './resident.ts'

/** One pool of many nodes, as the API has it, in a process of its own: what it costs is all that this process uses. */
const port = Number(process.env.NODES_PORT)
const pool = createDaemonPool({
  credentials: () => credentials.createInsecure(),
  log: { info() {}, warn() {}, error() {} },
})
const checks = () => pool.snapshot().methods.HealthCheck?.calls ?? 0

/** CPU of one round of health checks, seconds, and the memory of one node, bytes. */
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
    return [(cpuSeconds() - begun) / rounds, bytesPerNode]
  },
  async () => pool.close(),
)
