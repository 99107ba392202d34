import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import type { ImageOperationKind, OperationInput } from '#db/operations/catalog.ts'
import { claim } from '#db/operations/claim.ts'
import { recordImageDelete, recordImageImport } from '#db/operations/record-image.ts'
import { type ImageRow, images } from '#db/schema/image.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import { secretsOfVm } from '#db/secrets/vm-secrets.ts'
import { aNode, readOperation } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { anImageStore } from '#test/support/image-store.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import type { SimulatedOptions } from '#worker/hypervisor/simulated/options.ts'
import { execute } from '#worker/operations/execute.ts'
import { databaseLedger } from '#worker/operations/ledger.ts'
import type { StepMoment } from '#worker/operations/run-steps.ts'

export const db = await createTestDatabase()

const log = pino({ level: 'silent' })
const maxAttempts = 12

export const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
export const checksumOf = (content: Buffer) => `sha256:${sha256(content)}`

interface Attempt {
  at?: (step: string, moment: StepMoment) => void | Promise<void>
  signal?: AbortSignal
  attempts?: number
}

async function aDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'qi-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

export type ImageWorld = Awaited<ReturnType<typeof anImageWorld>>

/** A node with an image directory, and the way to do operations on its images. */
export async function anImageWorld(given: Parameters<typeof anImageStore>[1] & Pick<SimulatedOptions, 'onCall'> = {}) {
  const directory = given.directory ?? (await aDirectory())
  const node = await aNode(db)
  const { onCall, ...options } = given
  const store = anImageStore(directory, options)
  const hypervisor = createSimulatedHypervisor({ imagesDirectory: directory, ...(onCall && { onCall }) })

  /** Runs an operation as a worker does, its retries at once. */
  async function perform(
    { id }: Pick<OperationRow, 'id'>,
    { at, signal, attempts = maxAttempts }: Attempt = {},
  ): Promise<OperationRow> {
    for (let n = 0; n < attempts; n++) {
      await db.sql`update operations set not_before = now() where id = ${id}`
      const claimed = await claim(db, { ...node, operationId: id })
      if (!claimed) break
      const rest = { signal: signal ?? new AbortController().signal, waiting: <R>(wait: () => Promise<R>) => wait() }
      await execute(
        {
          secretsOf: (vmId) => secretsOfVm(db, testSecretBox, vmId),
          ledger: databaseLedger(db),
          hypervisor,
          images: { db, store },
          log,
          at: (_, step, moment) => at?.(step, moment),
          ...rest,
        },
        claimed,
      )
    }
    return readOperation(db, id)
  }

  return {
    directory,
    node,
    store,
    hypervisor,
    perform,
    file: (name: string) => path.join(directory, name),
    files: async () => (await readdir(directory)).sort(),
    async beginImport(
      wanted: Partial<OperationInput<'image.import'>> & Pick<OperationInput<'image.import'>, 'source'>,
    ): Promise<OperationRow> {
      const ids = { imageId: randomUUID(), operationId: randomUUID() }
      const image = { name: 'debian.qcow2', format: 'qcow2' as const, ...wanted }
      await recordImageImport(db, { ...image, ...ids, nodeId: node.nodeId })
      return readOperation(db, ids.operationId)
    },
    async beginDelete({ id, name }: ImageRow): Promise<OperationRow> {
      const operationId = randomUUID()
      await recordImageDelete(db, { imageId: id, operationId, name })
      return readOperation(db, operationId)
    },
    images: () => db.drizzle.select().from(images).where(eq(images.nodeId, node.nodeId)),
  }
}

interface KindUnderTest {
  kind: ImageOperationKind
  arrange(): Promise<{ world: ImageWorld; operation: OperationRow }>
  /** Throws unless all is as it is to be after the operation did its work. */
  expectDone(world: ImageWorld): Promise<void>
}

/** The guarantees of every kind that is about an image. */
export function holdsTheImageGuarantees({ kind, arrange, expectDone }: KindUnderTest): void {
  test('it does its work', async () => {
    const { world, operation } = await arrange()
    expect(await world.perform(operation)).toMatchObject({ kind, status: 'succeeded', attempt: 1, error: null })
    await expectDone(world)
  })

  test('every step may run twice', async () => {
    const { world, operation } = await arrange()
    const seen = new Set<string>()
    // The first time a step is done, the worker is lost before it could write that down.
    const at = (step: string, moment: StepMoment) => {
      if (moment !== 'after' || seen.has(step)) return
      seen.add(step)
      throw new AppError('unavailable', 'injected')
    }
    expect(await world.perform(operation, { at })).toMatchObject({ status: 'succeeded', attempt: 1 + seen.size })
    expect(seen.size).toBeGreaterThan(0)
    await expectDone(world)
  })
}
