import type { OperationDefinition } from './definition.ts'
import { observedVm } from './observed-vm.ts'
import { requireSoundDisks } from './sound-disks.ts'

/** Switches a VM on. A start that fails leaves it off. */
export const vmStart: OperationDefinition<'vm.start'> = {
  steps: [
    // A step of its own: a start that it refuses has nothing to undo.
    { name: 'check-disks', run: requireSoundDisks },
    {
      name: 'start',
      run: ({ vm, hypervisor }) => hypervisor.startVm(vm.id),
      undo: ({ vm, hypervisor }) => hypervisor.destroyVm(vm.id),
    },
  ],
  succeeded: ({ vm }, observed) => ({ vm: observedVm(observed, vm) }),
  failed: ({ vm }, { message }, observed) => ({ vm: observedVm(observed, vm, `Failed to start: ${message}`) }),
}
