import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import type { OperationInput, StorageOperationKind } from '#db/operations/catalog.ts'
import { claim } from '#db/operations/claim.ts'
import { recordPoolCreate, recordPoolDelete, recordVolume, recordVolumeChange } from '#db/operations/record-storage.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import { storagePools } from '#db/schema/storage-pool.ts'
import { volumes } from '#db/schema/volume.ts'
import { secretsOfVm } from '#db/secrets/vm-secrets.ts'
import { aNode, readOperation } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import type { SimulatedOptions } from '#worker/hypervisor/simulated/options.ts'
import { execute } from '#worker/operations/execute.ts'
import { databaseLedger } from '#worker/operations/ledger.ts'
import type { StepMoment } from '#worker/operations/run-steps.ts'

export const db = await createTestDatabase()

const log = pino({ level: 'silent' })
const maxAttempts = 12

interface Attempt {
  at?: (step: string, moment: StepMoment) => void
}

export type StorageWorld = Awaited<ReturnType<typeof aStorageWorld>>

/** A node with nothing but its own pool, and the way to do operations on its storage. */
export async function aStorageWorld(options: Pick<SimulatedOptions, 'onCall'> & { poolSecret?: string } = {}) {
  const node = await aNode(db)
  const { poolSecret = null, ...simulated } = options
  const hypervisor = createSimulatedHypervisor(simulated)
  const poolRows = () => db.drizzle.select().from(storagePools).where(eq(storagePools.nodeId, node.nodeId))
  const volumeRows = async () => {
    const [pool] = await poolRows()
    return pool ? db.drizzle.select().from(volumes).where(eq(volumes.storagePoolId, pool.id)).orderBy(volumes.name) : []
  }

  /** Runs an operation as a worker does, its retries at once. */
  async function perform(id: string, { at }: Attempt = {}): Promise<OperationRow> {
    for (let n = 0; n < maxAttempts; n++) {
      await db.sql`update operations set not_before = now() where id = ${id}`
      const claimed = await claim(db, { ...node, operationId: id })
      if (!claimed) break
      await execute(
        {
          ledger: databaseLedger(db),
          secretsOf: (vmId) => secretsOfVm(db, testSecretBox, vmId),
          readPoolSecret: async () => poolSecret,
          hypervisor,
          log,
          signal: new AbortController().signal,
          waiting: (wait) => wait(),
          at: (_, step, moment) => at?.(step, moment),
        },
        claimed,
      )
    }
    return readOperation(db, id)
  }

  /** The row of a pool that is to be made, and its operation. */
  async function beginPool(name = 'fast'): Promise<string> {
    const operationId = randomUUID()
    const source = { type: 'local-dir', path: `/srv/${name}` } as const
    const ids = { operationId, storagePoolId: randomUUID(), nodeId: node.nodeId }
    expect(await recordPoolCreate(db, { ...ids, name, source, secret: null })).toBeDefined()
    return operationId
  }

  async function aPool() {
    expect(await perform(await beginPool())).toMatchObject({ status: 'succeeded' })
    const [pool] = await poolRows()
    if (!pool) throw new Error('there is no pool')
    return pool
  }

  async function beginVolume(name: string, input: Partial<OperationInput<'volume.create'>> = {}): Promise<string> {
    const [pool] = await poolRows()
    if (!pool) throw new Error('there is no pool')
    const operationId = randomUUID()
    const wanted = {
      volumeId: randomUUID(),
      pool: pool.name,
      name,
      sizeBytes: 2 ** 30,
      source: { type: 'empty' },
    } as const
    const recorded = {
      operationId,
      storagePoolId: pool.id,
      kind: 'volume.create',
      input: { ...wanted, ...input },
    } as const
    expect(await recordVolume(db, recorded)).toBeDefined()
    return operationId
  }

  return {
    node,
    hypervisor,
    perform,
    poolRows,
    volumeRows,
    beginPool,
    aPool,
    beginVolume,
    async aVolume(name: string) {
      expect(await perform(await beginVolume(name))).toMatchObject({ status: 'succeeded' })
      const volume = (await volumeRows()).find((row) => row.name === name)
      if (!volume) throw new Error('there is no volume')
      return volume
    },
    async beginPoolDelete({ id, name }: { id: string; name: string }): Promise<string> {
      const operationId = randomUUID()
      expect(await recordPoolDelete(db, { operationId, storagePoolId: id, name })).toBeDefined()
      return operationId
    },
    async beginSnapshot(of: { name: string; storagePoolId: string }, name: string): Promise<string> {
      const operationId = randomUUID()
      const input = { volumeId: randomUUID(), pool: 'fast', name, of: of.name }
      expect(
        await recordVolume(db, { operationId, storagePoolId: of.storagePoolId, kind: 'volume.snapshot', input }),
      ).toBeDefined()
      return operationId
    },
    async beginChange<K extends 'volume.resize' | 'volume.delete'>(kind: K, input: OperationInput<K>): Promise<string> {
      const operationId = randomUUID()
      expect(await recordVolumeChange(db, { operationId, kind, input })).toBeDefined()
      return operationId
    },
  }
}

interface KindUnderTest {
  kind: StorageOperationKind
  arrange(world: StorageWorld): Promise<string>
  /** Throws unless all is as it is to be after the operation did its work. */
  expectDone(world: StorageWorld): Promise<void>
  /** Throws unless all is as it is to be after the operation failed. */
  expectUndone(world: StorageWorld): Promise<void>
}

/** The guarantees of every kind that is about a storage pool or a volume. */
export function holdsTheStorageGuarantees({ kind, arrange, expectDone, expectUndone }: KindUnderTest): void {
  /** A world in which a call of the operation fails once, or all from there on. */
  async function faulty(
    fault: { index: number; moment: 'before' | 'after'; lasts?: boolean } | undefined,
    code: 'internal' | 'unavailable',
    { reason = 'INJECTED', ageSeconds = 0 } = {},
  ) {
    let armed = false
    let fired = false
    let calls = 0
    const world = await aStorageWorld({
      onCall(_, moment) {
        if (!armed) return
        if (moment === 'before') calls++
        const isNow = fault && fault.moment === moment && fault.index === calls - 1
        if (!isNow && !(fired && fault?.lasts)) return
        fired = true
        armed = fault?.lasts ?? false
        throw new AppError(code, 'injected', { reason })
      },
    })
    const operation = await arrange(world)
    await db.sql`update operations set created_at = now() - ${ageSeconds} * interval '1 second' where id = ${operation}`
    armed = true
    const ended = await world.perform(operation)
    armed = false
    return { world, ended, calls, fired }
  }

  async function eachFault(
    code: 'internal' | 'unavailable',
    check: (found: Awaited<ReturnType<typeof faulty>>) => Promise<void>,
    { lasts = false, ...circumstances }: { lasts?: boolean; reason?: string; ageSeconds?: number } = {},
  ) {
    const { calls } = await faulty(undefined, code)
    expect(calls).toBeGreaterThan(0)
    for (let index = 0; index < calls; index++) {
      for (const moment of ['before', 'after'] as const) {
        const found = await faulty({ index, moment, lasts }, code, circumstances)
        // A call that finds nothing throws, and has no moment after it.
        expect(found.fired || moment === 'after').toBe(true)
        if (found.fired) await check(found)
      }
    }
  }

  test('it does its work', async () => {
    const { world, ended } = await faulty(undefined, 'internal')
    expect(ended).toMatchObject({ kind, status: 'succeeded', attempt: 1, error: null })
    await expectDone(world)
  })

  test('every step may run twice', async () => {
    const world = await aStorageWorld()
    const operation = await arrange(world)
    const seen = new Set<string>()
    // The first time a step is done, the worker is lost before it could write that down.
    const at = (step: string, moment: StepMoment) => {
      if (moment !== 'after' || seen.has(step)) return
      seen.add(step)
      throw new AppError('unavailable', 'injected')
    }
    expect(await world.perform(operation, { at })).toMatchObject({ status: 'succeeded', attempt: 1 + seen.size })
    await expectDone(world)
  })

  test('a failure that passes, at any call, changes nothing of the outcome', () =>
    eachFault('unavailable', async ({ world, ended }) => {
      expect(ended).toMatchObject({ status: 'succeeded' })
      await expectDone(world)
    }))

  test('a failure for good, at any call, leaves nothing half done', () =>
    eachFault('internal', async ({ world, ended }) => {
      expect(ended).toMatchObject({ status: 'failed', error: { reason: 'INJECTED' } })
      await expectUndone(world)
    }))

  const unreachable = { reason: 'POOL_NOT_REACHABLE', ageSeconds: 61 }
  const givenUp = { status: 'failed', error: { code: 'deadline_exceeded', reason: 'POOL_NOT_REACHABLE' } }

  test('a server that does not answer a minute after the request ends it, and leaves nothing half done', () =>
    eachFault(
      'unavailable',
      async ({ world, ended }) => {
        expect(ended).toMatchObject(givenUp)
        await expectUndone(world)
      },
      unreachable,
    ))

  test('a server that does not come back is not waited for to undo what was begun', () =>
    eachFault(
      'unavailable',
      async ({ world, ended }) => {
        expect(ended).toMatchObject({ ...givenUp, attempt: 1 })
        const rows = [...(await world.poolRows()), ...(await world.volumeRows())]
        expect(rows.filter(({ state }) => state !== 'READY')).toEqual([])
      },
      { ...unreachable, lasts: true },
    ))

  test('a server that does not answer at first is asked again', () =>
    eachFault('unavailable', async ({ ended }) => expect(ended).toMatchObject({ status: 'queued', error: null }), {
      ...unreachable,
      ageSeconds: 0,
      lasts: true,
    }))
}
