import type { OperationDefinition } from './definition.ts'
import { observedVm } from './observed-vm.ts'

/** Lets the guest stand still. */
export const vmPause: OperationDefinition<'vm.pause'> = {
  steps: [{ name: 'pause', run: ({ vm, hypervisor }) => hypervisor.pauseVm(vm.id) }],
  succeeded: ({ vm }, observed) => ({ vm: observedVm(observed, vm) }),
  failed: ({ vm }, { message }, observed) => ({ vm: observedVm(observed, vm, `Failed to pause: ${message}`) }),
}
