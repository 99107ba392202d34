import { setTimeout as delay } from 'node:timers/promises'
import type { Hypervisor, VmEvent } from '#worker/hypervisor/port.ts'
import { workerStops } from '#worker/worker-stops.ts'

/** An event says at once what the guest did; this is for an event that was lost. */
const lookEveryMs = 1000

/** Until when a guest has time; written down, so that a worker that takes over keeps it. */
export interface GuestTime {
  deadline: string
}

/** The time that a guest is given from now on. */
export const guestTime = ({ timeoutSeconds }: { timeoutSeconds: number }): GuestTime => ({
  deadline: new Date(Date.now() + timeoutSeconds * 1000).toISOString(),
})

/** Something that only the guest can do. */
export interface GuestRequest extends GuestTime {
  vmId: string
  hypervisor: Pick<Hypervisor, 'onVmEvent'>
  signal: AbortSignal
  /** Asks the guest; it may take as long as the guest's agent likes. */
  ask(): Promise<void>
  /** Whether the guest has done it, by the events of the VM since it was asked. */
  isDone(events: readonly VmEvent[]): boolean | Promise<boolean>
}

/**
 * Asks the guest and waits until it has done it; false when its time is up. A guest whose agent never answers is not
 * waited for any longer than that. Throws `unavailable` when the signal comes first.
 */
export async function askGuest(request: GuestRequest): Promise<boolean> {
  const { vmId, hypervisor, deadline, signal, ask, isDone } = request
  const events: VmEvent[] = []
  let woken = new AbortController()
  const stopListening = hypervisor.onVmEvent((event) => {
    if (event.vmId !== vmId) return
    events.push(event)
    woken.abort()
  })
  let failure: { cause: unknown } | undefined
  void ask()
    .catch((cause: unknown) => {
      failure = { cause }
    })
    .then(() => woken.abort())
  try {
    for (;;) {
      const leftMs = Date.parse(deadline) - Date.now()
      const wake = AbortSignal.any([woken.signal, signal])
      await delay(Math.max(0, Math.min(leftMs, lookEveryMs)), undefined, { signal: wake }).catch(() => {})
      woken = new AbortController()
      const done = await isDone(events)
      if (failure) throw failure.cause
      if (done) return true
      if (signal.aborted) throw workerStops()
      if (leftMs <= 0) return false
    }
  } finally {
    stopListening()
  }
}
