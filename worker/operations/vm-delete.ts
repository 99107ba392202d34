import { AppError } from '#db/errors.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { observedVm } from './observed-vm.ts'

/** Removes a VM: its power if need be, its definition, its files, and at last its row. What is removed cannot be undone. */
export const vmDelete: OperationDefinition<'vm.delete'> = {
  steps: [
    { name: 'power-off', run: powerOff },
    { name: 'undefine', run: ({ vm, hypervisor }) => hypervisor.undefineVm(vm.id) },
    { name: 'delete-files', run: ({ vm, hypervisor }) => hypervisor.deleteVmFiles(vm.id) },
  ],
  succeeded: () => ({ vm: 'delete' }),
  failed: ({ vm }, { message }, observed) => ({ vm: observedVm(observed, vm, `Failed to delete: ${message}`) }),
}

async function powerOff({ vm, input, hypervisor }: StepContext<'vm.delete'>): Promise<void> {
  const observed = await hypervisor.observeVm(vm.id)
  if (!observed || observed.state === 'STOPPED') return
  if (!input.force) {
    throw new AppError('failed_precondition', 'The VM runs; stop it first, or delete it with force', {
      reason: 'VM_IS_RUNNING',
    })
  }
  await hypervisor.destroyVm(vm.id)
}
