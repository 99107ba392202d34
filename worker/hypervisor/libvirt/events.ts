import type { RunState, VmEvent } from '#worker/hypervisor/port.ts'
import { readRunState } from './domain.ts'
import type { Log } from './options.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { AgentLifecycleState, DomainEventType } from './rpc/constants.gen.ts'
import { isNotFound } from './rpc/errors.ts'
import type { Domain } from './rpc/protocol.gen.ts'

export type VmListener = (event: VmEvent) => void

export interface VmEvents {
  listen(listener: VmListener): () => void
  /** Tells of each reconnection. */
  listenForLoss(listener: () => void): () => void
  stop(): void
}

/** What state an event leads to, null where the definition came or went; the others lead to none of ours. */
const leadsTo: Record<number, RunState | null> = {
  [DomainEventType.DEFINED]: null,
  [DomainEventType.UNDEFINED]: null,
  [DomainEventType.STARTED]: 'RUNNING',
  [DomainEventType.RESUMED]: 'RUNNING',
  [DomainEventType.SUSPENDED]: 'PAUSED',
  [DomainEventType.PMSUSPENDED]: 'PAUSED',
  [DomainEventType.STOPPED]: 'STOPPED',
  [DomainEventType.CRASHED]: 'STOPPED',
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

  const stopEvents = await connection.onDomainEvent('lifecycle', ({ dom, event }) => {
    const state = leadsTo[event]
    if (state !== undefined) tell({ vmId: dom.uuid, state })
  })
  const stopReboots = await connection.onDomainEvent('reboot', ({ dom }) =>
    tell({ vmId: dom.uuid, state: 'RUNNING', rebooted: true }),
  )
  const stopAgentEvents = await connection.onDomainEvent('agentLifecycle', ({ dom, state }) => {
    const came = state === AgentLifecycleState.CONNECTED
    look(dom, (event) => tell(came ? { ...event, agentCame: true } : event))
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
