import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { credentials } from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import { pino } from 'pino'
import type { CreateVMOnNodeRequest } from '#proto/gen/limiquantix/node/v1/CreateVMOnNodeRequest.ts'
import type {
  NodeDaemonServiceClient,
  NodeDaemonServiceDefinition,
} from '#proto/gen/limiquantix/node/v1/NodeDaemonService.ts'
import { loadNodeDaemon } from '#proto/node-daemon.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { openServer } from '#worker/daemon/server.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { startStandalone } from '#worker/standalone/start-standalone.ts'

export type OnTestFinished = (close: () => void | Promise<void>) => void

/** A directory that is gone when the test is. */
export function aStateDirectory(onTestFinished: OnTestFinished): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'daemon-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

/** A standalone daemon, as the worker starts it, on a free port. */
export async function aDaemon(hypervisor: Hypervisor, stateDirectory: string, box = testSecretBox) {
  const server = await openServer({ host: '127.0.0.1', port: 0 })
  const program = await startStandalone({
    nodeId: randomUUID(),
    version: '0.0.0',
    settings: { stateDirectory, imagesDirectory: path.join(stateDirectory, 'images'), maxSnapshots: 4 },
    hypervisor,
    secretBox: box,
    server,
    log: pino({ level: 'silent' }),
  })
  const client = aClient(server.port)
  return {
    port: server.port,
    client,
    async close() {
      client.close()
      await program.close()
      await server.close(100)
    },
  }
}

const Client = loadNodeDaemon()

export function aClient(port: number): NodeDaemonServiceClient {
  return new Client(`127.0.0.1:${port}`, credentials.createInsecure())
}

type Definition = NodeDaemonServiceDefinition
type Method = keyof { [Name in keyof Definition as string extends Name ? never : Name]: Definition[Name] }
type Sent<Name extends Method> =
  Definition[Name] extends MethodDefinition<infer Request, infer _, infer __, infer ___> ? Request : never
type Got<Name extends Method> =
  Definition[Name] extends MethodDefinition<infer _, infer __, infer ___, infer Response> ? Response : never

/** Calls a method. Rejects with the status. */
export function call<Name extends Method>(
  client: NodeDaemonServiceClient,
  name: Name,
  request: Sent<Name>,
  timeoutMs = 30_000,
): Promise<Got<Name>> {
  const { path: route, requestSerialize, responseDeserialize } = Client.service[name]
  const deadline = Date.now() + timeoutMs
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      route,
      requestSerialize as never,
      responseDeserialize,
      request,
      { deadline },
      (error, response) => (error ? reject(error) : resolve(response as Got<Name>)),
    )
  })
}

/** A stream of answers, with all that came of it yet. */
export interface Stream<Message> {
  messages: Message[]
  begun: Promise<unknown>
  /** Resolves to the status that it ended with. */
  ended: Promise<{ code: number; details: string }>
  /** Reads no further until `resume`. */
  pause(): void
  resume(): void
  cancel(): void
}

/** Calls a method that answers with a stream. */
export function stream<Name extends Method>(
  client: NodeDaemonServiceClient,
  name: Name,
  request: Sent<Name>,
): Stream<Got<Name>> {
  const { path: route, requestSerialize, responseDeserialize } = Client.service[name]
  const opened = client.makeServerStreamRequest(route, requestSerialize as never, responseDeserialize, request)
  const messages: Got<Name>[] = []
  opened.on('data', (message: Got<Name>) => messages.push(message))
  const begun = new Promise((resolve) => opened.on('metadata', resolve))
  const ended = new Promise<{ code: number; details: string }>((resolve) => {
    opened.on('status', resolve)
    opened.on('error', () => {})
  })
  return {
    messages,
    begun,
    ended,
    pause: () => void opened.pause(),
    resume: () => void opened.resume(),
    cancel: () => opened.cancel(),
  }
}

/** The smallest VM with one disk. */
export const aVmRequest = (name: string, vmId: string = randomUUID()): CreateVMOnNodeRequest & { vmId: string } => ({
  vmId,
  name,
  spec: { cpuCores: 1, memoryMib: 64, disks: [{ sizeGib: 1 }] },
})
