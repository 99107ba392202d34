import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '#db/errors.ts'
import { hasAgent } from './cpu.ts'
import type { SimulatedNode } from './node-state.ts'
import { isSentinel } from './sentinels.ts'
import type { SimulatedVm } from './state.ts'

/** How long an agent that hangs keeps who asks it. */
const hangsForMs = 200

/** The VM, where it runs and its agent answers. Throws what a real node would. */
export async function requireAgent(node: SimulatedNode, vmId: string, signal: AbortSignal): Promise<SimulatedVm> {
  signal.throwIfAborted()
  const vm = node.defined(vmId)
  if (vm.state !== 'RUNNING') {
    throw new AppError('failed_precondition', `The VM does not run: it is ${vm.state}.`, { reason: 'VM_NOT_RUNNING' })
  }
  if (!hasAgent(vm)) {
    throw new AppError('failed_precondition', 'No guest agent is connected.', { reason: 'GUEST_AGENT_NOT_CONNECTED' })
  }
  if (!isSentinel(vm.definition.name, 'agentHangs')) return vm
  await sleep(hangsForMs, undefined, { signal })
  throw new AppError('deadline_exceeded', 'The guest agent did not answer in time.', {
    reason: 'GUEST_AGENT_NOT_RESPONDING',
  })
}
