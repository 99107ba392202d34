import { randomUUID } from 'node:crypto'
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { grpcError } from '#proto/grpc-error.ts'
import { loadNodeDaemon } from '#proto/node-daemon.ts'
import { startProxy } from '#test/db/proxy.ts'

type Call = ServerUnaryCall<Record<string, unknown>, unknown>

type Answer = object | Error | 'nothing'

/** What a fake daemon does with a call, at once or late: answers, refuses, or never comes back. */
export type Behaviour = (call: Call) => Answer | Promise<Answer>

/** A node daemon that does as it is told, behind a network that does so as well. */
export interface FakeDaemon {
  nodeId: string
  /** By way of the network. */
  address: string
  network: Awaited<ReturnType<typeof startProxy>>
  /** Whom it says that it is. */
  claims: string
  /** By method; the others answer with an empty message. */
  behaviours: Record<string, Behaviour>
  /** The methods that were asked, in their order. */
  asked: string[]
  /** Streams and calls that their callers ended. */
  cancelled: string[]
}

const { service } = loadNodeDaemon()

export async function aFakeDaemon(onTestFinished: (close: () => void) => void): Promise<FakeDaemon> {
  const server = new Server()
  const nodeId = randomUUID()
  const fake = { nodeId, claims: nodeId, behaviours: {} as Record<string, Behaviour>, asked: [] as string[] }
  const cancelled: string[] = []
  const unary = (name: string) => async (call: Call, callback: sendUnaryData<unknown>) => {
    fake.asked.push(name)
    call.on('cancelled', () => cancelled.push(name))
    const usual = name === 'HealthCheck' ? { nodeId: fake.claims, healthy: true } : {}
    const answer = (await fake.behaviours[name]?.(call)) ?? usual
    if (answer instanceof Error) callback(grpcError(answer))
    else if (answer !== 'nothing') callback(null, answer)
  }
  const stream = (name: string) => (call: ServerWritableStream<unknown, unknown>) => {
    fake.asked.push(name)
    call.on('cancelled', () => cancelled.push(name))
    call.write({ message: 'first' })
    call.write({ message: 'second' })
  }
  const methods = Object.entries(service).map(([name, { responseStream }]) => [
    name,
    responseStream ? stream(name) : unary(name),
  ])
  server.addService(service, Object.fromEntries(methods))
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, taken) =>
      error ? reject(error) : resolve(taken),
    )
  })
  onTestFinished(() => server.forceShutdown())
  const network = await startProxy(`tcp://127.0.0.1:${port}`)
  return Object.assign(fake, { network, cancelled, address: new URL(network.url).host })
}
