import { Client, credentials } from '@grpc/grpc-js'
import { loadNodeDaemon } from '#proto/node-daemon.ts'
import { answerRequests } from './helper-process.ts'
import { manyNodes, nodeAddress } from './node-addresses.ts'
import { cpuSeconds, residentBytes } from './resident.ts'

/** A client of @grpc/grpc-js alone for each of many nodes, which asks for their health. */
const port = Number(process.env.NODES_PORT)
const { path, requestSerialize, responseDeserialize } = loadNodeDaemon().service.HealthCheck
const clients: Client[] = []

const ask = (client: Client) =>
  new Promise<void>((resolve, reject) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, (error) =>
      error ? reject(error) : resolve(),
    )
  })
const askAll = () => Promise.all(clients.map(ask))

/** CPU of one round of calls, seconds, and the memory of one client, bytes. */
answerRequests<{ rounds: number }>(
  async ({ rounds }) => {
    const before = await residentBytes()
    for (let index = 0; index < manyNodes; index++) {
      clients.push(new Client(nodeAddress(index, port), credentials.createInsecure()))
    }
    await askAll()
    const bytesPerNode = ((await residentBytes()) - before) / manyNodes
    const begun = cpuSeconds()
    for (let round = 0; round < rounds; round++) await askAll()
    return [(cpuSeconds() - begun) / rounds, bytesPerNode]
  },
  async () => {
    for (const client of clients) client.close()
  },
)
