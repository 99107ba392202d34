import type { OperationDefinition } from './definition.ts'
import { observedVm } from './observed-vm.ts'

/** Switches a VM on. A start that fails leaves it off. */
export const vmStart: OperationDefinition<'vm.start'> = {
  steps: [
    {
      name: 'start',
      run: ({ vm, hypervisor }) => hypervisor.startVm(vm.id),
      undo: ({ vm, hypervisor }) => hypervisor.destroyVm(vm.id),
    },
  ],
  succeeded: ({ vm }, observed) => ({ vm: observedVm(observed, vm) }),
  failed: ({ vm }, { message }, observed) => ({ vm: observedVm(observed, vm, `Failed to start: ${message}`) }),
}
