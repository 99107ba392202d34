import type { ErrorRecord } from '#db/errors.ts'
import type { ObservedVm } from '#db/observed-state.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { VmObservation } from '#worker/hypervisor/port.ts'

type ObservedBefore = Pick<VmRow, 'startedAt' | 'runId' | 'runningSpec'>

/** A VM as its node has it. A node that has not what it should have leaves us not knowing what became of it. */
export function observedVm(observed: VmObservation | null, before: ObservedBefore, message = ''): ObservedVm {
  if (!observed) {
    return { ...unknownVm(message || 'The node does not have this VM any more.'), definedOnNode: false }
  }
  const { state, effectiveCpu, runningSpec, runId, definedOnNode, guestAgentConnected } = observed
  const isSameRun = before.runId === null || before.runId === runId
  // Of one that was adopted while it ran nobody knows since when.
  const wasThereBefore = before.runId !== null && before.runId === runId
  const started = isSameRun ? before.startedAt : null
  const since = state === 'STOPPED' ? null : wasThereBefore ? started : (started ?? new Date())
  // One that was defined without saying what it is made of runs with what the row has of the same start.
  const runsWith = runningSpec ?? (state !== 'STOPPED' && isSameRun ? before.runningSpec : null)
  return {
    state,
    message,
    effectiveCpu,
    runningSpec: runsWith,
    startedAt: since,
    runId,
    definedOnNode,
    guestAgentConnected,
  }
}

/** A VM of which something was asked that failed. */
export const failedTo = (
  what: string,
  { message }: Pick<ErrorRecord, 'message'>,
  observed: VmObservation | null,
  before: ObservedBefore,
): ObservedVm => observedVm(observed, before, `Failed to ${what}: ${message}`)

/** A VM of which nothing is known. */
export const unknownVm = (message: string) =>
  ({
    state: 'UNKNOWN',
    message,
    effectiveCpu: null,
    runningSpec: null,
    startedAt: null,
    runId: null,
    guestAgentConnected: null,
  }) satisfies Partial<ObservedVm>
