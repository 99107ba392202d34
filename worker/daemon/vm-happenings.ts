import type { NodeEvent } from '#proto/gen/limiquantix/node/v1/NodeEvent.ts'
import type { Hypervisor, StateReason, VmEvent } from '#worker/hypervisor/port.ts'

/** What happened to a VM. */
export type Happening = Pick<NodeEvent, 'type' | 'message' | 'metadata'>

/** Reads what happened out of what the hypervisor tells. */
export interface VmHappenings {
  /** Null where nothing happened that is told. */
  of(event: VmEvent): Happening | null
  /** To be called where events may have been lost. */
  lookAgain(): void
}

export function vmHappenings(hypervisor: Pick<Hypervisor, 'observeVms'>): VmHappenings {
  /** libvirt tells of a guest that goes on also when it is started. */
  const paused = new Set<string>()
  /** It tells of an agent that is gone also where there was none. */
  const answering = new Set<string>()

  function lookAgain(): void {
    hypervisor.observeVms().then(
      (vms) => {
        for (const { vmId, state, guestAgentConnected } of vms) {
          if (state === 'PAUSED') paused.add(vmId)
          if (guestAgentConnected) answering.add(vmId)
        }
      },
      // Events are told without it.
      () => {},
    )
  }
  lookAgain()

  function changeOf(vmId: string, { state, reason }: VmEvent): Happening | null {
    const metadata: Record<string, string> = reason ? { reason } : {}
    switch (state) {
      case 'RUNNING': {
        const wasPaused = paused.delete(vmId)
        if (reason === 'started') {
          return { type: 'EVENT_TYPE_VM_STARTED', message: 'The VM was started.', metadata }
        }
        return wasPaused ? { type: 'EVENT_TYPE_VM_RESUMED', message: 'The guest goes on.', metadata } : null
      }
      case 'PAUSED':
        paused.add(vmId)
        return {
          type: 'EVENT_TYPE_VM_PAUSED',
          message: (reason && pauses[reason]) ?? 'The guest stands still.',
          metadata,
        }
      case 'STOPPED': {
        paused.delete(vmId)
        answering.delete(vmId)
        const type = reason === 'crashed' ? 'EVENT_TYPE_VM_CRASHED' : 'EVENT_TYPE_VM_STOPPED'
        return { type, message: (reason && stops[reason]) ?? 'The VM has stopped.', metadata }
      }
      case null:
        return null
      default:
        return state satisfies never
    }
  }

  return {
    of(event) {
      const { vmId, rebooted, agentCame, agentWent, reason } = event
      if (rebooted) return { type: 'EVENT_TYPE_VM_REBOOTED', message: 'The guest began anew.', metadata: {} }
      if (agentCame && !answering.has(vmId)) {
        answering.add(vmId)
        return { type: 'EVENT_TYPE_AGENT_CONNECTED', message: "The guest's agent answers.", metadata: {} }
      }
      if (agentWent && answering.delete(vmId)) {
        return { type: 'EVENT_TYPE_AGENT_DISCONNECTED', message: "The guest's agent answers no more.", metadata: {} }
      }
      return reason === undefined ? null : changeOf(vmId, event)
    },
    lookAgain,
  }
}

const pauses: Partial<Record<StateReason, string>> = {
  'io-error': 'The guest stands still: one of its disks failed.',
  watchdog: 'The guest stands still: it did not feed its watchdog.',
}

const stops: Partial<Record<StateReason, string>> = {
  shutdown: 'The guest has shut down.',
  destroyed: 'The power was taken away.',
  crashed: 'QEMU or the guest came to an unexpected end.',
}
