import type { RunState, StateReason, VmEvent } from '#worker/hypervisor/port.ts'
import { readRunState } from './domain.ts'
import type { Log } from './options.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import {
  AgentLifecycleState,
  DomainEventStoppedDetail,
  DomainEventSuspendedDetail,
  DomainEventType,
} from './rpc/constants.gen.ts'
import { isNotFound } from './rpc/errors.ts'
import type { Domain } from './rpc/protocol.gen.ts'

export type VmListener = (event: VmEvent) => void

export interface VmEvents {
  listen(listener: VmListener): () => void
  /** Tells of each reconnection. */
  listenForLoss(listener: () => void): () => void
  stop(): void
}

/** What state an event leads to, and how by its detail, null where the definition came or went; the others lead to none of ours. */
const leadsTo: Record<number, { state: RunState; reasonOf(detail: number): StateReason | null } | null> = {
  [DomainEventType.DEFINED]: null,
  [DomainEventType.UNDEFINED]: null,
  [DomainEventType.STARTED]: { state: 'RUNNING', reasonOf: () => 'started' },
  [DomainEventType.RESUMED]: { state: 'RUNNING', reasonOf: () => 'resumed' },
  [DomainEventType.SUSPENDED]: { state: 'PAUSED', reasonOf: (detail) => pauseReasons[detail] ?? null },
  [DomainEventType.PMSUSPENDED]: { state: 'PAUSED', reasonOf: () => null },
  [DomainEventType.STOPPED]: { state: 'STOPPED', reasonOf: (detail) => stopReasons[detail] ?? null },
  [DomainEventType.CRASHED]: { state: 'STOPPED', reasonOf: () => 'crashed' },
}

const pauseReasons: Record<number, StateReason> = {
  [DomainEventSuspendedDetail.PAUSED]: 'paused',
  [DomainEventSuspendedDetail.IOERROR]: 'io-error',
  [DomainEventSuspendedDetail.WATCHDOG]: 'watchdog',
}

const stopReasons: Record<number, StateReason> = {
  [DomainEventStoppedDetail.SHUTDOWN]: 'shutdown',
  [DomainEventStoppedDetail.DESTROYED]: 'destroyed',
  [DomainEventStoppedDetail.CRASHED]: 'crashed',
  // A QEMU that ended without a word; a start that fails is told of to nobody but who asked for it.
  [DomainEventStoppedDetail.FAILED]: 'crashed',
}

/** Tells of every domain's state changes, reboots, devices that are gone, and of its guest agent's coming and going, and of a reconnection: what happened in between is lost. */
export async function watchVms(connection: LibvirtConnection, log: Log): Promise<VmEvents> {
  const listeners = new Set<VmListener>()
  const lostListeners = new Set<() => void>()
  const tell = (event: VmEvent) => {
    for (const listener of listeners) listener(event)
  }

  const look = (dom: Domain, listener: VmListener) =>
    void tellOf(connection, dom, listener).catch((error) =>
      log.warn({ err: error, vm: { id: dom.uuid } }, 'cannot read a VM'),
    )

  const stopEvents = await connection.onDomainEvent('lifecycle', ({ dom, event, detail }) => {
    const change = leadsTo[event]
    if (change === undefined) return
    tell(
      change
        ? { vmId: dom.uuid, state: change.state, reason: change.reasonOf(detail) }
        : { vmId: dom.uuid, state: null },
    )
  })
  const stopReboots = await connection.onDomainEvent('reboot', ({ dom }) =>
    tell({ vmId: dom.uuid, state: 'RUNNING', rebooted: true }),
  )
  const stopAgentEvents = await connection.onDomainEvent('agentLifecycle', ({ dom, state }) => {
    const change = state === AgentLifecycleState.CONNECTED ? { agentCame: true as const } : { agentWent: true as const }
    look(dom, (event) => tell({ ...event, ...change }))
  })
  const stopRemovals = await connection.onDomainEvent('deviceRemoved', ({ dom }) =>
    look(dom, (event) => tell({ ...event, deviceRemoved: true })),
  )
  const stopStates = connection.onStateChange((state) => {
    log.info({ libvirt: { uri: connection.uri, state } }, 'libvirt connection changed')
    if (state === 'connected') for (const listener of lostListeners) listener()
  })

  return {
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    listenForLoss(listener) {
      lostListeners.add(listener)
      return () => lostListeners.delete(listener)
    },
    stop() {
      stopEvents()
      stopReboots()
      stopAgentEvents()
      stopRemovals()
      stopStates()
      listeners.clear()
      lostListeners.clear()
    },
  }
}

async function tellOf(connection: LibvirtConnection, dom: Domain, tell: VmListener): Promise<void> {
  try {
    tell({ vmId: dom.uuid, state: await readRunState(connection, dom) })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
