import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { gather } from '#db/gather.ts'
import { findSettledVms } from '#db/observed-state.ts'
import type { Claimant } from '#db/operations/claim.ts'
import { type ReportedGuest, recordGuests } from '#db/vm-reports.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { createPlaces } from '#worker/places.ts'

/** Asks guests how they are, now and then. No operation waits for it, nor one guest for another that does not answer. */
export interface GuestReports {
  askAll(): Promise<void>
  /** Asks one whose agent has just come. */
  agentCame(vmId: string): Promise<void>
  /** Nothing more is asked of a VM before its operation has ended. */
  operationBegins(vmId: string): void
}

interface GuestReportsDependencies {
  db: Database
  hypervisor: Pick<Hypervisor, 'readGuest'>
  claimant: Claimant
  log: Logger
}

/** libvirtd takes five calls of a connection at a time, and one is for samples of usage. */
const concurrency = 3
/** An agent that does not answer takes a place for some seconds: it is asked again when it comes, or after this time. */
const silentForMs = 600_000

export function createGuestReports({ db, hypervisor, claimant, log }: GuestReportsDependencies): GuestReports {
  const places = createPlaces(concurrency)
  /** What is being asked, by VM. */
  const asking = new Map<string, AbortController>()
  /** Until when the agents that did not answer are left alone. */
  const silentUntil = new Map<string, number>()
  const record = gather<ReportedGuest, void>(async (guests) => {
    await recordGuests(db, claimant, guests)
    return guests.map(() => undefined)
  }, 100)

  async function ask(vmId: string): Promise<void> {
    if (asking.has(vmId) || (silentUntil.get(vmId) ?? 0) > performance.now()) return
    const { signal } = begin(vmId)
    await places.take()
    try {
      // An operation that begins from here on ends it.
      const [row] = await findSettledVms(db, claimant.nodeId, vmId)
      if (!row || row.busy || row.state !== 'RUNNING' || signal.aborted) return
      const reading = await hypervisor.readGuest(vmId, signal)
      silentUntil.delete(vmId)
      if (reading) await record({ vmId, ...reading })
    } catch (err) {
      if (!signal.aborted && err instanceof AppError) silentUntil.set(vmId, performance.now() + silentForMs)
      log.debug({ err, vm: { id: vmId } }, 'a guest does not say how it is')
    } finally {
      asking.delete(vmId)
      places.give()
    }
  }

  function begin(vmId: string): AbortController {
    const controller = new AbortController()
    asking.set(vmId, controller)
    return controller
  }

  return {
    async askAll() {
      const rows = await findSettledVms(db, claimant.nodeId)
      for (const vmId of silentUntil.keys()) if (!rows.some(({ id }) => id === vmId)) silentUntil.delete(vmId)
      await Promise.all(rows.filter(({ busy, state }) => !busy && state === 'RUNNING').map(({ id }) => ask(id)))
    },
    async agentCame(vmId) {
      silentUntil.delete(vmId)
      await ask(vmId)
    },
    operationBegins: (vmId) => asking.get(vmId)?.abort(),
  }
}
