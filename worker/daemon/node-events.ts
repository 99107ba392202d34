import { AppError } from '#db/errors.ts'
import { newId } from '#db/new-id.ts'
import type { OperationKind } from '#db/operations/catalog.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { NodeEvent } from '#proto/gen/limiquantix/node/v1/NodeEvent.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import { timestamp } from './timestamp.ts'
import { type Happening, vmHappenings } from './vm-happenings.ts'

/** What happens to the domains of a node. */
export interface NodeEvents {
  /**
   * What happens from now on, in its order, until the signal. Throws `resource_exhausted` where its reader was too slow, and
   * `unavailable` where libvirt was away: something may have been missed then.
   */
  follow(signal: AbortSignal): AsyncGenerator<ToldEvent>
  /** Tells of an operation that has succeeded. */
  succeeded(operation: Pick<OperationRow, 'kind' | 'vmId' | 'input'>): void
  close(): void
}

export type ToldEvent = NodeEvent & { vmId: string }

/** So many events wait for a reader, each of about 200 bytes. */
const mostWaiting = 1000

interface Reader {
  waiting: ToldEvent[]
  /** Why it gets no more than what waits. */
  failure: AppError | null
  wake(): void
}

export function createNodeEvents(
  hypervisor: Pick<Hypervisor, 'onVmEvent' | 'onEventsLost' | 'observeVms'>,
): NodeEvents {
  const readers = new Set<Reader>()
  const happenings = vmHappenings(hypervisor)

  function tell(vmId: string, happening: Happening | null): void {
    if (!happening || readers.size === 0) return
    const event = { id: newId(), timestamp: timestamp(new Date()), vmId, ...happening }
    for (const reader of readers) {
      if (reader.failure) continue
      if (reader.waiting.length < mostWaiting) reader.waiting.push(event)
      else reader.failure = tooSlow()
      reader.wake()
    }
  }

  const stopEvents = hypervisor.onVmEvent((event) => tell(event.vmId, happenings.of(event)))
  const stopLosses = hypervisor.onEventsLost(() => {
    happenings.lookAgain()
    for (const reader of readers) {
      reader.failure ??= eventsLost()
      reader.wake()
    }
  })

  return {
    async *follow(signal) {
      let woken = Promise.withResolvers<void>()
      const reader: Reader = { waiting: [], failure: null, wake: () => woken.resolve() }
      readers.add(reader)
      signal.addEventListener('abort', reader.wake)
      try {
        while (!signal.aborted) {
          yield* reader.waiting.splice(0)
          if (reader.failure && reader.waiting.length === 0) throw reader.failure
          await woken.promise
          woken = Promise.withResolvers()
        }
      } finally {
        signal.removeEventListener('abort', reader.wake)
        readers.delete(reader)
      }
    },
    succeeded({ kind, vmId, input }) {
      const happening = happeningsOfKinds[kind]
      if (vmId && happening) tell(vmId, { ...happening, metadata: { snapshot_id: String(input.snapshotId) } })
    },
    close() {
      stopEvents()
      stopLosses()
    },
  }
}

const happeningsOfKinds: Partial<Record<OperationKind, Omit<Happening, 'metadata'>>> = {
  'snapshot.create': { type: 'EVENT_TYPE_SNAPSHOT_CREATED', message: 'A snapshot was taken.' },
  'snapshot.revert': { type: 'EVENT_TYPE_SNAPSHOT_REVERTED', message: 'The VM was put back to a snapshot.' },
  'snapshot.delete': { type: 'EVENT_TYPE_SNAPSHOT_DELETED', message: 'A snapshot was removed.' },
}

const follows = 'Follow the events again, and then look at all VMs.'

const tooSlow = () =>
  new AppError('resource_exhausted', `More happened than was read: ${mostWaiting} events waited. ${follows}`, {
    reason: 'EVENTS_UNREAD',
  })

const eventsLost = () =>
  new AppError('unavailable', `The hypervisor was away for a moment, and what happened then is not known. ${follows}`, {
    reason: 'EVENTS_LOST',
  })
