import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Logger } from 'pino'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { agentCalls } from './agent-calls.ts'
import type { Calls, StreamCalls } from './calls.ts'
import { consoleCalls } from './console-calls.ts'
import { deviceCalls } from './device-calls.ts'
import { createGuestMemory } from './guest-memory.ts'
import { imageCalls } from './image-calls.ts'
import type { NodeEvents } from './node-events.ts'
import { nodeInfo } from './node-info.ts'
import { quiesceCalls } from './quiesce-calls.ts'
import { type ServerStreamCall, serverStream } from './server-stream.ts'
import { snapshotCalls } from './snapshot-calls.ts'
import { statusCalls } from './status-calls.ts'
import { storageCalls } from './storage-calls.ts'
import { streamCalls } from './stream-calls.ts'
import { optionalTimestamp } from './timestamp.ts'
import { type UnaryCall, unary } from './unary.ts'
import { vmCalls } from './vm-calls.ts'
import type { VmControl } from './vm-control.ts'
import { createVmMeter } from './vm-meter.ts'

export interface ServiceDependencies {
  nodeId: string
  /** Of this program. */
  version: string
  control: VmControl
  hypervisor: Hypervisor
  events: NodeEvents
  /** Absolute. */
  imagesDirectory: string
  isServing(): boolean
  /** Null without TLS. */
  certificateExpiresAt?(): Date | null
  /** Ends its streams. */
  stopping: AbortSignal
  log: Logger
}

/** Every method of the service. */
export function nodeDaemonService(dependencies: ServiceDependencies): UntypedServiceImplementation {
  const { control, hypervisor, events, imagesDirectory, log } = dependencies
  const meter = createVmMeter(hypervisor)
  const calls: Calls = {
    ...nodeCalls(dependencies),
    ...vmCalls(control),
    ...statusCalls(control, meter, createGuestMemory(hypervisor)),
    ...consoleCalls(control, hypervisor),
    ...imageCalls(imagesDirectory),
    ...snapshotCalls(control),
    ...deviceCalls(control),
    ...agentCalls(control, hypervisor),
    ...quiesceCalls(control, hypervisor),
    ...storageCalls(hypervisor),
  }
  const streams: StreamCalls = streamCalls({ control, meter, events })
  return Object.fromEntries([
    ...entriesOf<UnaryCall<unknown, unknown>>(calls).map(([method, call]) => [method, unary(call, log)]),
    ...entriesOf<ServerStreamCall<unknown, unknown>>(streams).map(([method, stream]) => [
      method,
      serverStream(stream, dependencies),
    ]),
  ])
}

/** Whatever the methods take and give: grpc-js hands them what they are declared with. */
const entriesOf = <Call>(calls: Calls | StreamCalls) => Object.entries(calls) as [string, Call][]

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
  } satisfies Partial<Calls>
}
