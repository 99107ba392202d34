import type { EventCause } from '#db/events.ts'
import type { SettledVm } from '#db/observed-state.ts'
import type { StateReason, VmObservation } from '#worker/hypervisor/port.ts'

/** What nobody asked us for: who did it, and what users read of it. */
export interface Unasked extends Pick<EventCause, 'actor' | 'severity'> {
  message: string
  /** We may have done it ourselves, before we lost sight of the VM. */
  maybeOurs?: true
}

const byReason: Record<Exclude<StateReason, 'changing'>, Unasked> = {
  started: { actor: 'node', severity: 'info', message: 'It was started on its node, past Quantix.', maybeOurs: true },
  resumed: { actor: 'node', severity: 'info', message: 'It was resumed on its node, past Quantix.', maybeOurs: true },
  paused: { actor: 'node', severity: 'info', message: 'It was paused on its node, past Quantix.', maybeOurs: true },
  'io-error': {
    actor: 'node',
    severity: 'error',
    message:
      'It stands still since one of its disks could not be read or written. See to the space on its node, then resume it.',
  },
  watchdog: {
    actor: 'guest',
    severity: 'error',
    message: 'It stands still since its watchdog found that the guest hangs.',
  },
  shutdown: { actor: 'guest', severity: 'info', message: 'The guest shut down.' },
  destroyed: {
    actor: 'node',
    severity: 'warning',
    message: 'Its power was taken away on its node, past Quantix.',
    maybeOurs: true,
  },
  crashed: {
    actor: 'node',
    severity: 'error',
    message:
      'It crashed: its QEMU ended unexpectedly, or its guest panicked. The log of its QEMU on the node says more.',
  },
  'start-failed': {
    actor: 'node',
    severity: 'error',
    message: 'It was started on its node, past Quantix, and failed. The log of its QEMU on the node says more.',
  },
}

export const undefinedOnNode: Unasked = {
  actor: 'node',
  severity: 'error',
  message:
    'Its node does not have this VM any more: it was undefined there, past Quantix. Define it there again, or delete the VM.',
}

export const undefinedWhileOn: Unasked = {
  actor: 'node',
  severity: 'error',
  message:
    'It was undefined on its node, past Quantix, and goes from there when it stops. To keep it, define it again on the ' +
    'node while it is on: virsh dumpxml --inactive VM >vm.xml, then virsh define vm.xml.',
}

export const definedAgain: Unasked = { actor: 'node', severity: 'info', message: 'Its node has its definition again.' }

export const restarted: Unasked = {
  actor: 'node',
  severity: 'warning',
  message: 'It was switched off and on again on its node, past Quantix.',
}

const withoutReason: Unasked = {
  actor: 'node',
  severity: 'warning',
  message: 'It stopped without having been asked to, and its node does not say why: the node may have been restarted.',
}

/** Why a VM is not in the state that it was in, which no operation changed. */
export function unaskedChange(
  before: Pick<SettledVm, 'state'>,
  now: VmObservation | null,
): EventCause & { message: string } {
  const reason = now ? now.stateReason : 'undefined'
  const known = reason && reason !== 'changing' && (reason === 'undefined' ? undefinedOnNode : byReason[reason])
  const wasKnown = before.state !== 'UNKNOWN'
  if (known && (wasKnown || !known.maybeOurs)) {
    const { actor, severity, message } = known
    return { actor, severity, message, details: { reason } }
  }
  // What is found again says nothing of how it came there.
  if (!wasKnown || now?.state !== 'STOPPED') return { actor: 'node', severity: 'info', message: '', details: {} }
  return { ...withoutReason, details: {} }
}
