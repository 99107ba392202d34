import type { VmDefinition } from '#worker/hypervisor/port.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { observedVm } from './observed-vm.ts'

type Context = StepContext<'vm.update'>

/** Brings a changed spec to the VM's node, for the next start. What the node refuses is not changed. */
export const vmUpdate: OperationDefinition<'vm.update'> = {
  steps: [
    {
      name: 'define',
      run: (context) => context.hypervisor.changeSpec(...change(context)),
      undo: (context) => {
        const [before, after] = change(context)
        return context.hypervisor.changeSpec(after, before)
      },
    },
  ],
  succeeded: ({ vm }, observed) => ({ vm: { ...observedVm(observed, vm), changedFrom: null } }),
  failed: ({ vm }, { message }, observed) => ({
    vm: { ...observedVm(observed, vm, `Failed to change the spec: ${message}`), ...vm.changedFrom, changedFrom: null },
  }),
}

/** The VM before and after. */
function change({ vm }: Context): [VmDefinition, VmDefinition] {
  const { id: vmId, name, description, spec, tscFrequencyHz, unmanaged } = vm
  const after = {
    vmId,
    name,
    description,
    spec,
    tscFrequencyHz,
    keepsText: unmanaged !== null,
    // None before and after: the definition keeps the one that it has.
    displayPassword: null,
  }
  return [{ ...after, ...vm.changedFrom }, after]
}
