import type { Procedure } from './codec.ts'
import { DomainEventId } from './constants.gen.ts'
import { type Domain, remoteEvents, type TypedParam } from './protocol.gen.ts'
import type { XdrReader } from './xdr.ts'

/** What a listener gets; numbers are those of the enum named beside them. */
export interface DomainEvents {
  /** `event` is a DomainEventType, `detail` the reason of its kind, as DomainEventStoppedDetail. */
  lifecycle: { dom: Domain; event: number; detail: number }
  reboot: { dom: Domain }
  ioError: { dom: Domain; srcPath: string; devAlias: string; action: number; reason: string }
  /** `dst` is the disk's target, as `vda`; `type` a DomainBlockJobType, `status` a DomainBlockJobStatus. */
  blockJob: { dom: Domain; dst: string; type: number; status: number }
  /** `state` is an AgentLifecycleState. */
  agentLifecycle: { dom: Domain; state: number; reason: number }
  jobCompleted: { dom: Domain; params: TypedParam[] }
  metadataChange: { dom: Domain; type: number; nsuri: string | null }
  deviceRemoved: { dom: Domain; devAlias: string }
}

export type DomainEventName = keyof DomainEvents

interface EventSource<Event> {
  /** What to register for. */
  eventId: number
  /** The procedure of the messages that then come. */
  number: number
  decode(reader: XdrReader): Event
}

type Message<Ret> = Procedure<Record<never, never>, Ret>

function plain<Event>(eventId: number, { number, ret }: Message<Event>): EventSource<Event> {
  return { eventId, number, decode: (reader) => ret.decode(reader) }
}

/** Most messages wrap the body of an older message beside the callback's id. */
function wrapped<Event>(eventId: number, { number, ret }: Message<{ msg: Event }>): EventSource<Event> {
  return { eventId, number, decode: (reader) => ret.decode(reader).msg }
}

export const domainEventSources: { [K in DomainEventName]: EventSource<DomainEvents[K]> } = {
  lifecycle: wrapped(DomainEventId.LIFECYCLE, remoteEvents.domainEventCallbackLifecycle),
  reboot: wrapped(DomainEventId.REBOOT, remoteEvents.domainEventCallbackReboot),
  ioError: wrapped(DomainEventId.IO_ERROR_REASON, remoteEvents.domainEventCallbackIoErrorReason),
  blockJob: plain(DomainEventId.BLOCK_JOB_2, remoteEvents.domainEventBlockJob2),
  agentLifecycle: plain(DomainEventId.AGENT_LIFECYCLE, remoteEvents.domainEventCallbackAgentLifecycle),
  jobCompleted: plain(DomainEventId.JOB_COMPLETED, remoteEvents.domainEventCallbackJobCompleted),
  metadataChange: plain(DomainEventId.METADATA_CHANGE, remoteEvents.domainEventCallbackMetadataChange),
  deviceRemoved: wrapped(DomainEventId.DEVICE_REMOVED, remoteEvents.domainEventCallbackDeviceRemoved),
}

const namesByProcedure = new Map(
  Object.entries(domainEventSources).map(([name, source]) => [source.number, name as DomainEventName]),
)

type Listener = (event: never) => void

/** Who listens to which events. */
export class DomainEventListeners {
  readonly #listeners = new Map<DomainEventName, Set<{ listener: Listener }>>()

  /** The events that somebody listens to. */
  names(): DomainEventName[] {
    return [...this.#listeners].filter(([, listeners]) => listeners.size > 0).map(([name]) => name)
  }

  /** Returns the way to stop. */
  add<Name extends DomainEventName>(name: Name, listener: (event: DomainEvents[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    const entry = { listener }
    listeners.add(entry)
    return () => listeners.delete(entry)
  }

  /** Hands a message to whom it concerns. Throws XdrError on one that cannot be read. */
  dispatch(procedure: number, body: XdrReader): void {
    const name = namesByProcedure.get(procedure)
    const listeners = name && this.#listeners.get(name)
    if (!listeners) return
    const event = domainEventSources[name].decode(body)
    for (const { listener } of listeners) {
      // The map's key says which event the listener takes. One that throws does not break the connection.
      queueMicrotask(() => listener(event as never))
    }
  }
}
