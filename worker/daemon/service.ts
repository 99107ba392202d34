import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Logger } from 'pino'
import { AppError } from '#db/errors.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { agentCalls } from './agent-calls.ts'
import type { Calls, StreamCalls } from './calls.ts'
import { deviceCalls } from './device-calls.ts'
import type { NodeEvents } from './node-events.ts'
import { nodeInfo } from './node-info.ts'
import { notYet } from './not-yet.ts'
import { quiesceCalls } from './quiesce-calls.ts'
import { refusing } from './refusing.ts'
import { type ServerStreamCall, serverStream } from './server-stream.ts'
import { snapshotCalls } from './snapshot-calls.ts'
import { statusCalls } from './status-calls.ts'
import { storageCalls } from './storage-calls.ts'
import { streamCalls } from './stream-calls.ts'
import { type UnaryCall, unary } from './unary.ts'
import { optionalTimestamp } from './views.ts'
import { vmCalls } from './vm-calls.ts'
import type { VmControl } from './vm-control.ts'
import { createVmMeter, type VmMeter } from './vm-meter.ts'

export interface ServiceDependencies {
  nodeId: string
  /** Of this program. */
  version: string
  control: VmControl
  hypervisor: Hypervisor
  events: NodeEvents
  isServing(): boolean
  /** Null without TLS. */
  certificateExpiresAt?(): Date | null
  /** Ends its streams. */
  stopping: AbortSignal
  log: Logger
}

/** The methods that are there. */
export const implementedCalls = (dependencies: ServiceDependencies, meter: VmMeter) =>
  ({
    ...nodeCalls(dependencies),
    ...vmCalls(dependencies.control),
    ...statusCalls(dependencies.control, meter),
    ...snapshotCalls(dependencies.control),
    ...deviceCalls(dependencies.control),
    ...agentCalls(dependencies.control, dependencies.hypervisor),
    ...quiesceCalls(dependencies.control, dependencies.hypervisor),
    ...storageCalls(dependencies.hypervisor),
  }) satisfies Calls

/** Those that answer with a stream. */
export const implementedStreams = ({ control, events }: ServiceDependencies, meter: VmMeter) =>
  streamCalls({ control, meter, events }) satisfies StreamCalls

/** Every method of the service: those that are not there yet say so. */
export function nodeDaemonService(dependencies: ServiceDependencies): UntypedServiceImplementation {
  const meter = createVmMeter(dependencies.hypervisor)
  const calls = Object.entries(implementedCalls(dependencies, meter)) as [string, UnaryCall<unknown, unknown>][]
  const streams = Object.entries(implementedStreams(dependencies, meter)) as [
    string,
    ServerStreamCall<unknown, unknown>,
  ][]
  return Object.fromEntries([
    ...Object.entries(notYet).map(([method, message]) => [
      method,
      refusing(new AppError('unimplemented', message, { reason: 'NOT_IMPLEMENTED' })),
    ]),
    ...calls.map(([method, call]) => [method, unary(call, dependencies.log)]),
    ...streams.map(([method, stream]) => [method, serverStream(stream, dependencies)]),
  ])
}

/** A node says how it is without asking anybody: the answer is to come at once, also from one in trouble. */
function nodeCalls({ nodeId, version, hypervisor, isServing, certificateExpiresAt = () => null }: ServiceDependencies) {
  let hypervisorVersion = ''
  const ask = () =>
    hypervisor.describeNode().then(
      ({ libvirtVersion }) => {
        hypervisorVersion = libvirtVersion ?? ''
      },
      () => {},
    )
  void ask()
  hypervisor.onEventsLost(() => void ask())
  return {
    HealthCheck: async () => ({
      nodeId,
      healthy: isServing(),
      version,
      hypervisor: hypervisor.kind,
      hypervisorVersion,
      uptimeSeconds: Math.floor(process.uptime()),
      certificateExpiresAt: optionalTimestamp(certificateExpiresAt()),
    }),
    GetNodeInfo: () => nodeInfo(nodeId, hypervisor),
  } satisfies Calls
}
