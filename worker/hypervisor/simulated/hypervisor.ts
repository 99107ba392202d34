import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { agentCalls } from './agent-calls.ts'
import { type BehindThePort, behindThePort } from './behind-the-port.ts'
import { consoleCalls } from './console-calls.ts'
import { definitionCalls } from './definition-calls.ts'
import { deviceCalls } from './device-calls.ts'
import { hostDomainCalls } from './host-domains.ts'
import { createNode, type SimulatedNode } from './node-state.ts'
import type { SimulatedCall, SimulatedCalls, SimulatedOptions } from './options.ts'
import { powerCalls } from './power-calls.ts'
import { quiesceCalls } from './quiesce-calls.ts'
import { snapshotCalls } from './snapshot-calls.ts'
import { storageCalls } from './storage-calls.ts'

export type SimulatedHypervisor = Hypervisor & BehindThePort

/** A node that holds state and keeps the port's promises, without running anything. */
export function createSimulatedHypervisor(options: SimulatedOptions = {}): SimulatedHypervisor {
  const node = createNode(options)
  const calls = {
    ...definitionCalls(node),
    ...powerCalls(node),
    ...consoleCalls(node),
    ...snapshotCalls(node),
    ...hostDomainCalls(node),
    ...deviceCalls(node),
    ...agentCalls(node),
    ...quiesceCalls(node),
    ...storageCalls(node),
  } satisfies SimulatedCalls
  return Object.assign(behindThePort(node), watched(calls, node), {
    kind: 'simulated',
    onVmEvent: node.listen,
    onEventsLost: node.listenForLoss,
    close: node.close,
  } as const)
}

/** The same calls, each kept when it is done, and told before and after. */
function watched(calls: SimulatedCalls, { options, save }: SimulatedNode): SimulatedCalls {
  const watch = ([call, act]: [string, (...args: never[]) => Promise<unknown>]) => {
    const tell = (moment: 'before' | 'after', about: unknown) =>
      options.onCall?.(call as SimulatedCall, moment, vmIdOf(about))
    return [
      call,
      async (...args: never[]) => {
        tell('before', args[0])
        const result = await act(...args)
        save()
        tell('after', args[0])
        return result
      },
    ]
  }
  return Object.fromEntries(Object.entries(calls).map(watch))
}

/** Every call takes the VM's id first, or a request that names it; those about the node take neither. */
const vmIdOf = (about: unknown): string | undefined =>
  typeof about === 'string' ? about : (about as { vmId?: string } | undefined)?.vmId
