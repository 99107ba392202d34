import { withMedium } from '#db/spec-devices.ts'
import type { OperationDefinition } from './definition.ts'
import { deviceChanged } from './device-change.ts'
import { failedTo } from './observed-vm.ts'

/** Gives a cdrom drive another medium, or none. */
export const mediaChange: OperationDefinition<'media.change'> = {
  steps: [{ name: 'change', run: ({ vm, input, hypervisor }) => hypervisor.changeMedia({ ...input, vmId: vm.id }) }],
  succeeded: ({ vm, input }, observed) => deviceChanged(vm, observed, withMedium(vm.spec, input)),
  failed: ({ vm, input }, error, observed) => ({
    vm: failedTo(`change the medium of ${input.target}`, error, observed, vm),
  }),
}
