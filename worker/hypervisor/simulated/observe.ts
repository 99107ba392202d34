import { runningSpecOf } from '#db/rules/spec-changes.ts'
import type { VmObservation } from '#worker/hypervisor/port.ts'
import { hasAgent, runningCpu } from './cpu.ts'
import type { SimulatedState } from './state.ts'

/** A VM as the node has it now; null where it has none. */
export function observe({ vms }: SimulatedState, vmId: string): VmObservation | null {
  const vm = vms[vmId]
  if (!vm) return null
  const { state, stateReason, definedOnNode } = vm
  if (state === 'STOPPED') {
    return {
      vmId,
      state,
      stateReason,
      definedOnNode,
      runId: null,
      effectiveCpu: null,
      runningSpec: null,
      guestAgentConnected: null,
    }
  }
  return {
    vmId,
    state,
    stateReason,
    definedOnNode,
    runId: `${vmId}/${vm.starts}`,
    effectiveCpu: runningCpu(vm),
    runningSpec: vm.running && runningSpecOf(vm.running.spec),
    guestAgentConnected: hasAgent(vm),
  }
}
