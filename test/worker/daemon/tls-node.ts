import {
  type ChannelCredentials,
  Client,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import type { NodeDaemonServiceClient } from '#proto/gen/limiquantix/node/v1/NodeDaemonService.ts'
import { loadNodeDaemon } from '#proto/node-daemon.ts'
import { nodeCredentials } from '#proto/tls/node-credentials.ts'
import { watchCertificates } from '#proto/tls/watched-certificates.ts'
import { openServer } from '#worker/daemon/server.ts'
import { call } from './daemon.ts'

const intervalMs = 20
const NodeDaemon = loadNodeDaemon()

/** What a program logs, line by line. */
export function aLog() {
  const lines: { level: number; msg: string; [key: string]: unknown }[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  return { log, warnings: () => lines.filter(({ level }) => level >= 40), messages: () => lines.map(({ msg }) => msg) }
}

/** A node's gRPC server with the certificates of a directory; it says that it is healthy. */
export async function aTlsNode(directory: string, nodeId: string) {
  const { log, ...logged } = aLog()
  const certificates = await watchCertificates({ directory, nodeId, log, intervalMs })
  const server = await openServer({ host: '127.0.0.1', port: 0 }, { certificates, log })
  server.serve({
    // The version is how the caller showed itself.
    HealthCheck: (call: ServerUnaryCall<unknown, object>, callback: sendUnaryData<object>) =>
      callback(null, { nodeId, version: call.getAuthContext().sslPeerCertificate?.serialNumber ?? '' }),
  })
  onTestFinished(async () => {
    certificates.close()
    await server.close(100)
  })
  return { port: server.port, setServing: server.setServing, certificates, ...logged }
}

/** How the control plane speaks to nodes, with the certificates of a directory. */
export async function aControlPlane(directory: string) {
  const { log, ...logged } = aLog()
  const certificates = await watchCertificates({ directory, nodeId: null, log, intervalMs })
  onTestFinished(() => certificates.close())
  return { certificates, credentialsOf: nodeCredentials(certificates), ...logged }
}

export function aSecureClient(port: number, credentials: ChannelCredentials): NodeDaemonServiceClient {
  const client = new NodeDaemon(`127.0.0.1:${port}`, credentials)
  onTestFinished(() => client.close())
  return client
}

export const healthOf = (client: NodeDaemonServiceClient) => call(client, 'HealthCheck', {}, 5000)

/** The serial numbers of the certificates by which a call's two ends knew each other. */
export function peersOf(client: NodeDaemonServiceClient): Promise<{ node: string; controlPlane: string }> {
  return new Promise((resolve, reject) => {
    const call = client.HealthCheck({}, { deadline: Date.now() + 5000 }, (error, answer) => {
      const node = call.getAuthContext()?.sslPeerCertificate?.serialNumber ?? ''
      if (error) reject(error)
      else resolve({ node, controlPlane: answer?.version ?? '' })
    })
  })
}

/** The status of any call on a new connection, whatever the service: its name and its messages need not exist. */
export function statusOf(port: number, credentials: ChannelCredentials, path: string): Promise<ServiceError | null> {
  const client = new Client(`127.0.0.1:${port}`, credentials, { 'grpc.ssl_target_name_override': 'node' })
  const asIs = (content: Buffer) => content
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, asIs, asIs, Buffer.alloc(0), { deadline: Date.now() + 5000 }, (error) => {
      client.close()
      resolve(error)
    })
  })
}
