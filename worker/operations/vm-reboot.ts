import { AppError } from '#db/errors.ts'
import { remedies } from '#db/rules/remedies.ts'
import { askGuest, type GuestTime, guestTime } from './ask-guest.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { failedTo, observedVm } from './observed-vm.ts'

type Context = StepContext<'vm.reboot'>

/**
 * Lets the guest begin anew; QEMU stays. That it did is known from QEMU's own event of it, so a worker that takes over,
 * and may have missed that, asks the guest again.
 */
export const vmReboot: OperationDefinition<'vm.reboot'> = {
  steps: [
    { name: 'set-deadline', run: async ({ input }) => guestTime(input) },
    { name: 'reboot', waits: true, run: reboot },
  ],
  succeeded: ({ vm }, observed) => ({ vm: observedVm(observed, vm) }),
  failed: ({ vm }, error, observed) => ({ vm: failedTo('reboot', error, observed, vm) }),
}

async function reboot({ vm, input, hypervisor, outputs, signal }: Context): Promise<void> {
  if (input.force) return hypervisor.resetVm(vm.id)
  const { deadline } = outputs['set-deadline'] as GuestTime
  const rebooted = await askGuest({
    vmId: vm.id,
    hypervisor,
    deadline,
    signal,
    ask: () => hypervisor.requestReboot(vm.id),
    isDone(events) {
      if (events.some(({ state }) => state === 'STOPPED')) throw shutDownInstead()
      return events.some((event) => event.rebooted)
    },
  })
  if (!rebooted) throw notRebooted(input)
}

const notRebooted = ({ timeoutSeconds }: Context['input']): AppError =>
  new AppError(
    'deadline_exceeded',
    `The guest did not reboot within ${timeoutSeconds} s, and runs on. Give it more time, or reboot it with force=true.`,
    { reason: 'GUEST_DID_NOT_REBOOT', details: { timeoutSeconds, remedies: [remedies.useForce] } },
  )

const shutDownInstead = (): AppError =>
  new AppError('failed_precondition', 'The guest shut down instead. Start the VM.', {
    reason: 'GUEST_SHUT_DOWN',
    details: { remedies: [remedies.start] },
  })
