import { loadPackageDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { ProtoGrpcType } from './gen/node_daemon.ts'
import { messageForms } from './message-forms.ts'

const file = 'limiquantix/node/v1/node_daemon.proto'
const includeDirs = [import.meta.dirname]

/** The node daemon's service, read from its proto file: a constructor of clients, which has the service. */
export function loadNodeDaemon() {
  const definition = loadSync(file, { ...messageForms, longs: Number, enums: String, includeDirs })
  const { limiquantix } = loadPackageDefinition(definition) as unknown as ProtoGrpcType
  return limiquantix.node.v1.NodeDaemonService
}

/** The same as it is told to clients, with the fields' names as the proto file has them. */
export const loadPublished = () => loadSync(file, { keepCase: true, includeDirs })

export const serviceName = 'limiquantix.node.v1.NodeDaemonService'
