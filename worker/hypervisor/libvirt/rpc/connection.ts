import { setTimeout as sleep } from 'node:timers/promises'
import { Channel } from './channel.ts'
import type { Procedure } from './codec.ts'
import { LibvirtConnectionError } from './errors.ts'
import { DomainEventListeners, type DomainEventName, type DomainEvents, domainEventSources } from './events.ts'
import type { KeepaliveOptions } from './keepalive.ts'
import { remote } from './protocol.gen.ts'
import { dial, openDriver } from './session.ts'
import { type LibvirtAddress, parseUri } from './uri.ts'

const backoffMs = { first: 20, last: 2_000 }

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
   * libvirtd takes five calls of a connection at a time and does not read further until it has answered one: calls that
   * may hang belong on a connection of their own, lest everything else wait for them.
   *
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
  close(): void
}

export interface ConnectOptions {
  /** Of calls that do not say otherwise; 30 s. */
  callTimeoutMs?: number
  /** libvirt's own defaults when left out: every 5 s, dead after 5. */
  keepalive?: KeepaliveOptions
  /** $XDG_RUNTIME_DIR, to find session daemons. */
  runtimeDirectory?: string
}

/** Connects; rejects with LibvirtConnectionError when no daemon is there. From then on it reconnects by itself. */
export async function connectLibvirt(uri: string, options: ConnectOptions = {}): Promise<LibvirtConnection> {
  const connection = new ReconnectingConnection(uri, parseUri(uri, options.runtimeDirectory), {
    callTimeoutMs: options.callTimeoutMs ?? 30_000,
    keepalive: options.keepalive ?? { intervalMs: 5_000, count: 5 },
  })
  await connection.open()
  return connection
}

interface Waiter {
  resolve(channel: Channel): void
  reject(error: Error): void
}

class ReconnectingConnection implements LibvirtConnection {
  readonly uri: string
  readonly #address: LibvirtAddress
  readonly #options: { callTimeoutMs: number; keepalive: KeepaliveOptions }
  readonly #events = new DomainEventListeners()
  readonly #stateListeners = new Set<(state: ConnectionState) => void>()
  readonly #waiters = new Set<Waiter>()
  readonly #closing = new AbortController()
  /** Each event's registration on the present channel. */
  #registrations = new Map<DomainEventName, Promise<unknown>>()
  #channel: Channel | null = null
  /** The channel opened last, also while it is not ready for calls yet. */
  #opening: Channel | null = null

  constructor(uri: string, address: LibvirtAddress, options: { callTimeoutMs: number; keepalive: KeepaliveOptions }) {
    this.uri = uri
    this.#address = address
    this.#options = options
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted
  }

  get state(): ConnectionState {
    if (this.#closed) return 'closed'
    return this.#channel ? 'connected' : 'disconnected'
  }

  async call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args, options?: CallOptions): Promise<Ret> {
    const deadline = performance.now() + (options?.timeoutMs ?? this.#options.callTimeoutMs)
    const leftMs = () => deadline - performance.now()
    for (;;) {
      const channel = this.#channel ?? (await this.#nextChannel(leftMs()))
      try {
        return await channel.call(procedure, args, leftMs())
      } catch (error) {
        if (!hasNotReached(error)) throw error
      }
    }
  }

  async onDomainEvent<Name extends DomainEventName>(
    name: Name,
    listener: (event: DomainEvents[Name]) => void,
  ): Promise<() => void> {
    const stop = this.#events.add(name, listener)
    try {
      const channel = this.#channel ?? (await this.#nextChannel(this.#options.callTimeoutMs))
      await this.#register(channel, name)
      return stop
    } catch (error) {
      stop()
      throw error
    }
  }

  onStateChange(listener: (state: ConnectionState) => void): () => void {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  close(): void {
    if (this.#closed) return
    this.#closing.abort()
    this.#opening?.close()
    const error = new LibvirtConnectionError('closed', 'the connection to libvirt was closed', { maybeExecuted: false })
    for (const waiter of this.#waiters) waiter.reject(error)
    this.#tell('closed')
  }

  /** Makes the first connection, or the next. */
  async open(): Promise<void> {
    const { callTimeoutMs, keepalive } = this.#options
    const channel = new Channel(await dial(this.#address.socketPaths), keepalive, {
      onEvent: (procedure, body) => this.#events.dispatch(procedure, body),
      onClose: () => {
        if (channel === this.#channel) this.#lost()
      },
    })
    this.#opening = channel
    try {
      if (this.#closed) channel.close()
      await openDriver(channel, this.#address.name, callTimeoutMs)
      this.#registrations = new Map()
      await Promise.all(this.#events.names().map((name) => this.#register(channel, name)))
      channel.assertOpen()
    } catch (error) {
      channel.close()
      throw error
    }
    this.#channel = channel
    for (const waiter of this.#waiters) waiter.resolve(channel)
    this.#tell('connected')
  }

  #lost(): void {
    this.#channel = null
    if (this.#closed) return
    this.#tell('disconnected')
    void this.#reconnect()
  }

  async #reconnect(): Promise<void> {
    for (
      let delayMs = backoffMs.first;
      this.state === 'disconnected';
      delayMs = Math.min(delayMs * 2, backoffMs.last)
    ) {
      await sleep(delayMs, undefined, { signal: this.#closing.signal }).catch(() => {})
      if (this.state === 'disconnected') await this.open().catch(() => {})
    }
  }

  #register(channel: Channel, name: DomainEventName): Promise<unknown> {
    const registrations = this.#registrations
    const known = registrations.get(name)
    if (known) return known
    const args = { eventID: domainEventSources[name].eventId, dom: null }
    const registration = channel.call(remote.connectDomainEventCallbackRegisterAny, args, this.#options.callTimeoutMs)
    registrations.set(name, registration)
    registration.catch(() => registrations.delete(name))
    return registration
  }

  #nextChannel(timeoutMs: number): Promise<Channel> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        resolve: (channel) => settle(() => resolve(channel)),
        reject: (error) => settle(() => reject(error)),
      }
      const fail = (reason: 'closed' | 'deadline', message: string) =>
        waiter.reject(new LibvirtConnectionError(reason, message, { maybeExecuted: false }))
      const timer = Number.isFinite(timeoutMs)
        ? setTimeout(() => fail('deadline', 'no connection to libvirt in time'), timeoutMs)
        : undefined
      const settle = (settled: () => void) => {
        clearTimeout(timer)
        this.#waiters.delete(waiter)
        settled()
      }
      this.#waiters.add(waiter)
      if (this.state === 'closed') fail('closed', 'the connection to libvirt was closed')
    })
  }

  #tell(state: ConnectionState): void {
    for (const listener of this.#stateListeners) listener(state)
  }
}

/** The connection broke before the daemon had the call. */
const hasNotReached = (error: unknown): boolean =>
  error instanceof LibvirtConnectionError && error.reason === 'disconnected' && !error.maybeExecuted
