import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import type { Logger } from 'pino'
import { AppError } from '#db/errors.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { agentCalls } from './agent-calls.ts'
import type { Calls } from './calls.ts'
import { deviceCalls } from './device-calls.ts'
import { nodeInfo } from './node-info.ts'
import { notYet } from './not-yet.ts'
import { refusing } from './refusing.ts'
import { snapshotCalls } from './snapshot-calls.ts'
import { statusCalls } from './status-calls.ts'
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
  isServing(): boolean
  log: Logger
}

/** The methods that are there. */
export const implementedCalls = (dependencies: ServiceDependencies) =>
  ({
    ...nodeCalls(dependencies),
    ...vmCalls(dependencies.control),
    ...statusCalls(dependencies.control, createVmMeter(dependencies.hypervisor)),
    ...snapshotCalls(dependencies.control),
    ...deviceCalls(dependencies.control),
    ...agentCalls(dependencies.control, dependencies.hypervisor),
  }) satisfies Calls

/** Every method of the service: those that are not there yet say so. */
export function nodeDaemonService(dependencies: ServiceDependencies): UntypedServiceImplementation {
  const calls = Object.entries(implementedCalls(dependencies)) as [string, UnaryCall<unknown, unknown>][]
  return Object.fromEntries([
    ...Object.entries(notYet).map(([method, message]) => [
      method,
      refusing(new AppError('unimplemented', message, { reason: 'NOT_IMPLEMENTED' })),
    ]),
    ...calls.map(([method, call]) => [method, unary(call, dependencies.log)]),
  ])
}

/** A node says how it is without asking anybody: the answer is to come at once, also from one in trouble. */
function nodeCalls({ nodeId, version, hypervisor, isServing }: ServiceDependencies) {
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
    }),
    GetNodeInfo: () => nodeInfo(nodeId, hypervisor),
  } satisfies Calls
}
