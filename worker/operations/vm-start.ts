import { AppError } from '#db/errors.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { failedTo, observedVm } from './observed-vm.ts'
import { ensureSeed } from './seed.ts'
import { requireSoundDisks } from './sound-disks.ts'

type Context = StepContext<'vm.start'>

/** Switches a VM on. A start that fails leaves it as it was. */
export const vmStart: OperationDefinition<'vm.start'> = {
  steps: [
    // A step of its own: a start that it refuses has nothing to undo.
    { name: 'check-disks', run: check },
    {
      name: 'start',
      run: ({ vm, hypervisor }) => hypervisor.startVm(vm.id),
      async undo({ vm, hypervisor, outputs }) {
        const found = outputs['check-disks'] as Found | null | undefined
        if (!found?.isOn) await hypervisor.destroyVm(vm.id)
      },
    },
  ],
  succeeded: ({ vm }, observed) => ({ vm: observedVm(observed, vm) }),
  failed: ({ vm }, error, observed) => ({ vm: failedTo('start', error, observed, vm) }),
}

interface Found {
  isOn: boolean
}

/** A VM of which nobody knew may be on. */
async function check(context: Context): Promise<Found> {
  const { vm, hypervisor } = context
  const observed = await hypervisor.observeVm(vm.id)
  if (observed?.state === 'PAUSED') {
    throw new AppError('failed_precondition', 'The VM is paused: resume it.', { reason: 'VM_IS_PAUSED' })
  }
  await requireSoundDisks(context)
  await ensureSeed(context)
  return { isOn: observed?.state === 'RUNNING' }
}
