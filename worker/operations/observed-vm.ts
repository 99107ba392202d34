import type { VmRow } from '#db/schema/vm.ts'
import type { VmObservation } from '#worker/hypervisor/port.ts'

/** The part of a VM's row that its node knows better. */
export type ObservedVm = Pick<VmRow, 'state' | 'message' | 'effectiveCpu' | 'startedAt' | 'guestAgentConnected'>

/** A VM as its node has it. A node that has not what it should have leaves us not knowing what became of it. */
export function observedVm(
  observed: VmObservation | null,
  { startedAt }: Pick<VmRow, 'startedAt'>,
  message = '',
): ObservedVm {
  if (!observed) return unknownVm(message || 'The node does not have this VM any more.')
  const { state, effectiveCpu, guestAgentConnected } = observed
  const since = state === 'STOPPED' ? null : (startedAt ?? new Date())
  return { state, message, effectiveCpu, startedAt: since, guestAgentConnected }
}

/** A VM of which nothing is known. */
export const unknownVm = (message: string): ObservedVm => ({
  state: 'UNKNOWN',
  message,
  effectiveCpu: null,
  startedAt: null,
  guestAgentConnected: null,
})
