import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '#db/client.ts'
import { withinDeadline } from '#db/deadline.ts'
import { type Claimant, type ClaimedOperation, claim, claimDue } from '#db/operations/claim.ts'
import { SupersededError } from '#db/operations/fence.ts'
import { findPoolSecret, poolSecretPlace } from '#db/secrets/pool-secret.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import { storedGuestCall } from '#db/stored-guest-calls.ts'
import { createPlaces } from '#worker/places.ts'
import { type ExecuteDependencies, execute } from './execute.ts'
import { databaseLedger } from './ledger.ts'
import { orUnavailable } from './or-unavailable.ts'
import { storedSecrets } from './stored-secrets.ts'

/** Runs a node's operations: those that are rung for, and those that it finds by itself. */
export interface Executor {
  /** Claims and begins the operation if there is a place for it; `poll` finds it otherwise. Rejects when Postgres is away. */
  wake(operationId: string): Promise<void>
  /** Claims and begins what nobody holds. Rejects when Postgres is away. */
  poll(): Promise<void>
  /** Ends when the operation has left our hands; undefined where nothing goes on of it here. */
  current(operationId: string): Promise<void> | undefined
  /** Begins nothing more, and waits until what runs has ended or was put down, or the time is up. */
  close(timeoutMs: number): Promise<void>
}

export interface ExecutorDependencies
  extends Omit<ExecuteDependencies, 'ledger' | 'secretsOf' | 'guestCallOf' | 'readPoolSecret' | 'signal' | 'waiting'> {
  secretBox: SecretBox
  db: Database
  claimant: Claimant
  /** Most operations that work at the same time, those aside that wait for a guest. */
  concurrency: number
  /** Called when work on a VM begins. */
  onBegin?(vmId: string): void
  /** Called when an operation on a VM has left our hands. */
  onEnd?(vmId: string): void
}

/** What goes on of an operation here. */
interface Work {
  ended: Promise<void>
  /** Ends what it waits for. */
  overtaken: AbortController
}

/**
 * Of a claim: a statement whose connection dies in the wrong moment may never answer. A claim that took place all the same
 * is found again, because nobody here holds it.
 */
const claimTimeoutMs = 10_000
const firstDatabaseRetryMs = 250
const maxDatabaseRetryMs = 8000

export function createExecutor(dependencies: ExecutorDependencies): Executor {
  const { db, log, secretBox, claimant, concurrency } = dependencies
  const ledger = databaseLedger(db)
  const secretsOf = (vmId: string) => storedSecrets(db, secretBox, vmId)
  const guestCallOf = (operationId: string) => storedGuestCall(db, secretBox, operationId)
  const readPoolSecret = async (storagePoolId: string) => {
    const sealed = await orUnavailable(findPoolSecret(db, storagePoolId))
    return sealed && secretBox.open(poolSecretPlace(storagePoolId), sealed)
  }
  const places = createPlaces(concurrency)
  const stopping = new AbortController()
  /** What goes on, by operation id. */
  const running = new Map<string, Promise<void>>()
  /** The last that was begun of each VM, image, storage pool or volume. */
  const lastOf = new Map<string, Work>()
  /** There may be more to claim than there were places for. */
  let more = false
  let polling: Promise<void> | undefined

  async function waiting<Result>(wait: () => Promise<Result>): Promise<Result> {
    places.give()
    pollIfMore()
    try {
      return await wait()
    } finally {
      await places.take()
    }
  }

  function begin(claimed: ClaimedOperation): void {
    const { id, vmId, imageId, storagePoolId, volumeId } = claimed.operation
    const subject = vmId ?? imageId ?? storagePoolId ?? volumeId ?? id
    const before = lastOf.get(subject)
    // One operation of each is unfinished: what goes on of another one has ended, or was overtaken while it waited.
    before?.overtaken.abort()
    if (vmId) dependencies.onBegin?.(vmId)
    const overtaken = new AbortController()
    const ended = (async () => {
      if (before) await waiting(() => before.ended)
      await run(claimed, AbortSignal.any([stopping.signal, overtaken.signal]))
    })().finally(() => {
      // A later attempt of the same operation may have taken its place.
      if (running.get(id) === ended) running.delete(id)
      if (lastOf.get(subject)?.ended === ended) lastOf.delete(subject)
      places.give()
      if (vmId) dependencies.onEnd?.(vmId)
      pollIfMore()
    })
    running.set(id, ended)
    lastOf.set(subject, { ended, overtaken })
  }

  async function run(claimed: ClaimedOperation, signal: AbortSignal): Promise<void> {
    const operation = { id: claimed.operation.id, kind: claimed.operation.kind, attempt: claimed.operation.attempt }
    for (let retryMs = firstDatabaseRetryMs; ; retryMs = Math.min(retryMs * 2, maxDatabaseRetryMs)) {
      try {
        return await execute(
          { ...dependencies, ledger, secretsOf, guestCallOf, readPoolSecret, signal, waiting },
          claimed,
        )
      } catch (err) {
        if (err instanceof SupersededError)
          return log.warn({ operation }, 'operation was taken over; its work is dropped')
        log.warn({ operation, err }, 'operation could not be written down')
        if (stopping.signal.aborted) return
        await delay(retryMs)
      }
    }
  }

  function pollIfMore(): void {
    if (!more || stopping.signal.aborted) return
    poll().catch((err) => log.warn({ err }, 'polling failed'))
  }

  function poll(): Promise<void> {
    polling ??= claimUntilFull().finally(() => {
      polling = undefined
    })
    return polling
  }

  async function claimUntilFull(): Promise<void> {
    while (!stopping.signal.aborted) {
      const limit = places.takeUpTo(concurrency)
      more = limit === 0
      if (more) return
      let claimed: ClaimedOperation[] = []
      try {
        claimed = await withinDeadline(claimDue(db, { ...claimant, limit, held: running.keys() }), claimTimeoutMs)
      } catch (error) {
        more = true
        throw error
      } finally {
        places.give(limit - claimed.length)
      }
      claimed.forEach(begin)
      // Who was woken meanwhile found no place, and left it to the next look.
      if (claimed.length < limit && !more) return
    }
  }

  return {
    async wake(operationId) {
      if (stopping.signal.aborted) return
      if (places.takeUpTo(1) === 0) {
        more = true
        return
      }
      let claimed: ClaimedOperation | null = null
      try {
        claimed = await withinDeadline(claim(db, { ...claimant, operationId }), claimTimeoutMs)
      } finally {
        if (!claimed) places.give()
      }
      if (claimed) begin(claimed)
    },
    poll,
    current: (operationId) => running.get(operationId),
    async close(timeoutMs) {
      stopping.abort()
      const ended = Promise.allSettled([polling, ...running.values()])
      await Promise.race([ended, delay(timeoutMs, undefined, { ref: false })])
    },
  }
}
