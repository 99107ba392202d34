import { AppError } from '#db/errors.ts'
import { type GuestCall, guestCallRules } from '#db/guest-call.ts'
import { workerStops } from '#worker/worker-stops.ts'
import { askAgent } from './ask-agent.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { observedVm } from './observed-vm.ts'
import { orUnavailable } from './or-unavailable.ts'

/** An agent that others keep busy is asked again for so long; whoever asked does not wait longer. */
const patienceMs = 60_000

/**
 * Asks a guest's agent. What cannot be taken back is asked once: a worker that finds that another has begun it says so,
 * and asks nothing. The VM is as it was, whatever becomes of it.
 */
export const guestCall = <K extends GuestCall>(kind: K): OperationDefinition<K> => ({
  steps: [{ name: 'ask', waits: true, run: (context) => ask(kind, context as StepContext<GuestCall>) }],
  succeeded: ({ vm }, observed) => ({ vm: observedVm(observed, vm) }),
  failed: ({ vm }, _, observed) => ({ vm: observedVm(observed, vm) }),
})

async function ask<K extends GuestCall>(
  kind: K,
  { vm, hypervisor, guestCall: call, createdAt, signal }: StepContext<GuestCall>,
): Promise<void> {
  if (await orUnavailable(call.isAnswered())) return
  const { isRepeatable } = guestCallRules[kind]
  const request = await orUnavailable(call.readRequest(kind))
  if (request === null) throw forgotten()
  if ((await orUnavailable(call.begin())) && !isRepeatable) throw interrupted()
  try {
    const answer = await askAgent[kind](hypervisor, vm.id, request, signal)
    await orUnavailable(call.answer(kind, answer))
  } catch (error) {
    if (signal.aborted) throw workerStops(error)
    const mayRepeat = isRepeatable && Date.now() < createdAt.getTime() + patienceMs
    throw isTransient(error) && !mayRepeat ? permanent(error) : error
  }
}

const isTransient = (error: unknown): error is AppError => error instanceof AppError && error.code === 'unavailable'

const permanent = ({ message, reason, details }: AppError): AppError =>
  new AppError('aborted', message, { ...(reason && { reason }), ...(details && { details }) })

const interrupted = (): AppError =>
  new AppError(
    'aborted',
    'The worker stopped while the guest was asked. Whether it was done, the guest alone can say; it is not asked again.',
    { reason: 'GUEST_CALL_INTERRUPTED' },
  )

const forgotten = (): AppError =>
  new AppError(
    'deadline_exceeded',
    'The node was away for so long that what was to be asked of the guest is forgotten.',
    {
      reason: 'GUEST_CALL_FORGOTTEN',
    },
  )
