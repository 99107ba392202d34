import type { ClockCorrection } from '#db/operations/result.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { failedTo, observedVm } from './observed-vm.ts'

/** Lets the guest go on, with the time of now where its agent can set it. */
export const vmResume: OperationDefinition<'vm.resume'> = {
  steps: [
    { name: 'resume', run: ({ vm, hypervisor }) => hypervisor.resumeVm(vm.id) },
    { name: 'correct-clock', waits: true, run: ({ vm, hypervisor }) => hypervisor.correctClock(vm.id) },
  ],
  succeeded: (context, observed) => {
    const { corrected, message } = clockOf(context)
    return { vm: observedVm(observed, context.vm, corrected ? '' : message) }
  },
  result: (context) => ({ clock: clockOf(context) }),
  failed: ({ vm }, error, observed) => ({ vm: failedTo('resume', error, observed, vm) }),
}

const clockOf = ({ outputs }: StepContext<'vm.resume'>): ClockCorrection => outputs['correct-clock'] as ClockCorrection
