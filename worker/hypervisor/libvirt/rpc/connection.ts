import type { Procedure } from './codec.ts'
import type { DomainEventName, DomainEvents } from './events.ts'

export interface CallOptions {
  /** How long to wait for a connection and the answer together. 30 s when left out; Infinity waits for good. */
  timeoutMs?: number
}

export type ConnectionState = 'connected' | 'disconnected' | 'closed'

export interface LibvirtConnection {
  readonly uri: string
  readonly state: ConnectionState
  /**
   * Calls a procedure of `remote` or `qemu` (protocol.gen.ts). While the connection is broken it waits for the next one.
   * Rejects with LibvirtError (libvirt's answer), LibvirtConnectionError (no answer) or XdrError (arguments that the
   * protocol cannot carry; nothing was sent).
   */
  call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args, options?: CallOptions): Promise<Ret>
  /**
   * Listens to events of every domain; resolves when libvirt has confirmed, with the way to stop. The registration is
   * made again after a reconnection, but what happened in between is lost: look at everything again on `connected`.
   */
  onDomainEvent<Name extends DomainEventName>(
    name: Name,
    listener: (event: DomainEvents[Name]) => void,
  ): Promise<() => void>
  /** Tells of every change of `state`. Returns the way to stop. */
  onStateChange(listener: (state: ConnectionState) => void): () => void
  /** Ends the connection; calls under way are rejected. */
  close(): Promise<void>
}

export interface ConnectOptions {
  /** Of calls that do not say otherwise. */
  callTimeoutMs?: number
  keepaliveIntervalMs?: number
  /** Pings without an answer until the connection counts as dead. */
  keepaliveCount?: number
}

export declare function connectLibvirt(uri: string, options?: ConnectOptions): Promise<LibvirtConnection>
