import path from 'node:path'
import { loadPackageDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { ProtoGrpcType } from '#proto/gen/node_daemon.ts'
import { messageForms } from '#proto/message-forms.ts'

/** The node daemon's service, read from its proto file. */
export function loadNodeDaemon() {
  const packageDefinition = loadSync('limiquantix/node/v1/node_daemon.proto', {
    ...messageForms,
    longs: Number,
    enums: String,
    includeDirs: [path.join(import.meta.dirname, '../../proto')],
  })
  const { limiquantix } = loadPackageDefinition(packageDefinition) as unknown as ProtoGrpcType
  return { packageDefinition, Client: limiquantix.node.v1.NodeDaemonService }
}

export const serviceName = 'limiquantix.node.v1.NodeDaemonService'
