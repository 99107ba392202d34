import { withinDeadline } from '#db/deadline.ts'
import type { GuestReport } from '#db/schema/vm-guest.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { createPlaces } from '#worker/places.ts'

/** What a guest's agent said of its guest, and when. */
export interface KnownGuest extends GuestReport {
  seenAt: Date
}

/** Remembers what guests' agents say, and asks them when somebody wants to know. */
export interface GuestMemory {
  /** What was said in this run; null where nothing was. */
  known(vmId: string, runId: string | null): KnownGuest | null
  /** Asks, unless it was asked a moment ago. Resolves when it has answered or a second is over. */
  ask(vmId: string): Promise<void>
}

const freshMs = 10_000
const forgetAfterMs = 600_000
const patienceMs = 1000
/** Agents have better things to do. */
const concurrency = 3

export function createGuestMemory(hypervisor: Pick<Hypervisor, 'readGuest'>): GuestMemory {
  const guests = new Map<string, KnownGuest & { runId: string }>()
  /** When each was asked the last time, those asked longest ago first. */
  const asked = new Map<string, number>()
  const places = createPlaces(concurrency)

  async function read(vmId: string): Promise<void> {
    await places.take()
    try {
      const reading = await hypervisor.readGuest(vmId, AbortSignal.timeout(freshMs))
      if (reading) guests.set(vmId, { runId: reading.runId, ...reading.report, seenAt: new Date() })
    } catch {
      // One that does not answer says nothing.
    } finally {
      places.give()
    }
  }

  return {
    known(vmId, runId) {
      const guest = guests.get(vmId)
      return guest?.runId === runId ? guest : null
    },
    async ask(vmId) {
      const now = performance.now()
      for (const [id, at] of asked) {
        if (now - at < forgetAfterMs) break
        asked.delete(id)
        guests.delete(id)
      }
      const before = asked.get(vmId)
      if (before !== undefined && now - before < freshMs) return
      asked.delete(vmId)
      asked.set(vmId, now)
      await withinDeadline(read(vmId), patienceMs).catch(() => {})
    },
  }
}
