import { isDeepStrictEqual } from 'node:util'
import type { Correction, SettledVm } from '#db/observed-state.ts'
import type { VmObservation } from '#worker/hypervisor/port.ts'
import { observedVm } from '#worker/operations/observed-vm.ts'
import { definedAgain, restarted, type Unasked, unaskedChange, undefinedOnNode, undefinedWhileOn } from './unasked.ts'

/** How a VM's row is to be corrected to what its node has, null where they agree, or what is seen will pass. */
export function correctionOf(before: SettledVm, observed: VmObservation | null): Correction | null {
  if (observed?.stateReason === 'changing') return null
  const goesWhenOff = observed !== null && !observed.definedOnNode
  if ((observed?.state ?? 'UNKNOWN') !== before.state) {
    const { message, ...cause } = unaskedChange(before, observed)
    const all = goesWhenOff ? `${message} ${undefinedWhileOn.message}`.trim() : message
    return { before, now: observedVm(observed, before, all), cause }
  }
  const happened = changeInState(before, observed)
  const now = observedVm(observed, before, happened?.message ?? before.message)
  if (!happened) return isAsBefore(before, now) ? null : { before, now, cause: null }
  const { type, reason, actor, severity, message } = happened
  return { before, now, cause: { actor, severity, details: { reason } }, event: { type, message } }
}

/** What happened to a VM whose state is the same again. */
function changeInState(before: SettledVm, observed: VmObservation | null): Told | null {
  if (!observed) {
    return before.definedOnNode ? { ...undefinedOnNode, type: 'vm.definition-changed', reason: 'undefined' } : null
  }
  if (observed.definedOnNode !== before.definedOnNode) {
    return observed.definedOnNode
      ? { ...definedAgain, type: 'vm.definition-changed', reason: 'defined' }
      : { ...undefinedWhileOn, type: 'vm.definition-changed', reason: 'undefined' }
  }
  const isOtherRun = before.runId !== null && observed.runId !== before.runId
  return isOtherRun ? { ...restarted, type: 'vm.restarted', reason: 'restarted' } : null
}

interface Told extends Unasked {
  type: 'vm.definition-changed' | 'vm.restarted'
  reason: string
}

const isAsBefore = (before: SettledVm, now: Correction['now']): boolean =>
  before.runId === now.runId &&
  before.guestAgentConnected === now.guestAgentConnected &&
  isDeepStrictEqual(before.effectiveCpu, now.effectiveCpu)
