import { withDisk } from '#db/spec-devices.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { deviceChanged } from './device-change.ts'
import { failedTo } from './observed-vm.ts'
import { requireSoundDisks } from './sound-disks.ts'

type Context = StepContext<'disk.resize'>

/** Makes a disk larger. One that became so before something failed stays so: to ask again ends it. */
export const diskResize: OperationDefinition<'disk.resize'> = {
  steps: [
    { name: 'check-disks', run: requireSoundDisks },
    { name: 'resize', run: ({ vm, input, hypervisor }) => hypervisor.resizeDisk({ ...input, vmId: vm.id }) },
  ],
  succeeded: (context, observed) => deviceChanged(context.vm, observed, specAfter(context)),
  failed: ({ vm, input }, error, observed) => ({
    vm: failedTo(`make disk ${input.target} larger`, error, observed, vm),
  }),
}

function specAfter({ vm, input: { target, sizeGib } }: Context): VmSpec {
  const disk = vm.spec.disks.find((found) => found.target === target)
  return disk ? withDisk(vm.spec, { ...disk, sizeGib }) : vm.spec
}
