import type { OperationDefinition } from './definition.ts'
import { failedTo, observedVm } from './observed-vm.ts'

/** Lets the guest stand still. */
export const vmPause: OperationDefinition<'vm.pause'> = {
  steps: [{ name: 'pause', run: ({ vm, hypervisor }) => hypervisor.pauseVm(vm.id) }],
  succeeded: ({ vm }, observed) => ({ vm: observedVm(observed, vm) }),
  failed: ({ vm }, error, observed) => ({ vm: failedTo('pause', error, observed, vm) }),
}
