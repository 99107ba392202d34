import type { ServiceError } from '@grpc/grpc-js'
import type { Log } from '#api/deps.ts'
import { explainConnection } from '#proto/tls/handshake-problems.ts'
import type { PoolTimes } from './channel.ts'
import { notReached } from './daemon-error.ts'

export type DaemonState = 'CONNECTING' | 'CONNECTED' | 'UNREACHABLE' | 'WRONG_NODE'

/** Whether a node's daemon is there, and the right one. */
export interface DaemonHealth {
  readonly state: DaemonState
  /** Why it is not connected; empty where it is. */
  readonly message: string
  /** Waits until it is known. Throws `unavailable`: at once where the node is known to be away; and what the signal says. */
  reached(options: { signal?: AbortSignal | undefined; deadline: number }): Promise<void>
  /** A call heard nothing within its time: the node is looked at at once, unless it is known to be away. */
  heardNothing(): void
  connectionChanged(): void
  close(): void
}

export interface HealthOptions {
  nodeId: string
  address: string
  times: PoolTimes
  /** Makes a connection where there is none. Resolves to the id of the node that answers. */
  askWhoIsThere(): Promise<string>
  isConnectionUp(): boolean
  log: Log
}

/** Looks at once, then again and again: at a node that answers at intervals, at one that does not ever more rarely. */
export function watchHealth({
  nodeId,
  address,
  times,
  askWhoIsThere,
  isConnectionUp,
  log,
}: HealthOptions): DaemonHealth {
  /**
   * Health checks that failed in succession. The breaker is open while there are any: callers are not what a node is tried
   * with, and what they do not hear of may be the fault of a guest.
   */
  let misses = 0
  /** Whether the connection that is up leads to the node that is meant. */
  let isIdentified = false
  let isWrongNode = false
  let isClosed = false
  let message = 'It has not answered yet.'
  let told: DaemonState = 'CONNECTING'
  let checking: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const stateNow = (): DaemonState => {
    if (isWrongNode) return 'WRONG_NODE'
    if (misses > 0) return 'UNREACHABLE'
    return isIdentified ? 'CONNECTED' : 'CONNECTING'
  }

  const check = (): Promise<void> => {
    checking ??= ask().finally(() => {
      checking = undefined
      tell()
      const pauseMs = times.firstPauseMs * pauseGrowth ** (misses - 1)
      checkIn(misses === 0 ? times.checkMs : Math.min(pauseMs, times.longestPauseMs))
    })
    return checking
  }

  async function ask(): Promise<void> {
    try {
      const id = await askWhoIsThere()
      isWrongNode = id !== nodeId
      // It may be gone again, and the next connection lead elsewhere.
      isIdentified = !isWrongNode && isConnectionUp()
      message = isWrongNode ? `Node ${id || 'without an id'} answers there.` : ''
      misses = isWrongNode ? misses + 1 : 0
    } catch (error) {
      isWrongNode = false
      isIdentified = false
      message = reasonOf(error as Error)
      misses++
    }
  }

  function checkIn(pauseMs: number): void {
    clearTimeout(timer)
    if (!isClosed) timer = setTimeout(check, pauseMs * (1 - jitter + 2 * jitter * Math.random())).unref()
  }

  function tell(): void {
    const state = stateNow()
    if (isClosed || state === told || state === 'CONNECTING') return
    told = state
    const facts = { node: { id: nodeId }, address, state }
    if (state === 'CONNECTED') log.info(facts, 'a node daemon answers')
    else log.warn({ ...facts, because: message }, 'a node daemon cannot be reached')
  }

  void check()
  return {
    get state() {
      return stateNow()
    },
    get message() {
      return message
    },
    async reached({ signal, deadline }) {
      signal?.throwIfAborted()
      if (isClosed) throw notReached(nodeId, address, 'The connections are being closed.')
      // Again where the connection that was looked at has given way to the next one: so it does when certificates change.
      while (stateNow() === 'CONNECTING' && Date.now() < deadline && !isClosed) {
        await settledWithin(check(), deadline - Date.now(), signal)
      }
      if (stateNow() !== 'CONNECTED') throw notReached(nodeId, address, message)
    },
    heardNothing() {
      if (!isClosed && misses === 0) void check()
    },
    connectionChanged() {
      if (isClosed) return
      if (!isConnectionUp()) {
        if (!isIdentified) return
        isIdentified = false
        message = 'The connection was lost.'
        checkIn(times.firstPauseMs)
      } else if (!isIdentified) void check()
    },
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

/** As gRPC's own: https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md */
const pauseGrowth = 1.6
const jitter = 0.2

/** What the network said, rather than what a caller is told of it. */
function reasonOf(error: Error): string {
  const details = (error.cause as Partial<ServiceError> | undefined)?.details
  if (details === undefined) return error.message
  const tls = explainConnection(details)
  if (tls) return `It was refused: ${tls.meaning}. ${tls.remedy}.`
  return aroundConnectionError.exec(details)?.[1] ?? details
}

/** grpc-js's own words around what the network said. */
const aroundConnectionError = /Last error: (?:Error: )?(.+?)\.? Resolution note:/s

/** Waits for the work, at most so long. Throws what the signal says. */
async function settledWithin(work: Promise<void>, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const waiting = new AbortController()
  const over = AbortSignal.any([
    waiting.signal,
    AbortSignal.timeout(Math.max(timeoutMs, 0)),
    ...(signal ? [signal] : []),
  ])
  const left = new Promise<void>((resolve) => over.addEventListener('abort', () => resolve(), { once: true }))
  await Promise.race([work, left])
  waiting.abort()
  signal?.throwIfAborted()
}
