import { Server, ServerCredentials } from '@grpc/grpc-js'
import { loadNodeDaemon } from '#proto/node-daemon.ts'
import { manyNodes, nodeAddress } from './node-addresses.ts'

/** The daemons of many nodes in one process: each has an address of its own, and an id by it. They know of their health alone. */
const port = Number(process.env.QUANTIX_PORT)
const server = new Server()
const { HealthCheck } = loadNodeDaemon().service
server.addService(
  { HealthCheck },
  {
    HealthCheck: (call: { getHost(): string }, callback: (error: null, answer: object) => void) =>
      callback(null, { nodeId: call.getHost(), healthy: true, version: '0.1.0', hypervisor: 'libvirt' }),
  },
)
const bind = (address: string) =>
  new Promise<void>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve()))
  })
// The last is first asked for: who reaches it reaches all.
for (let index = 0; index < manyNodes; index++) await bind(nodeAddress(index, port))
