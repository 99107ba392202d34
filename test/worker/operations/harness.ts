import { pino } from 'pino'
import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import type { OperationInput, OperationKind } from '#db/operations/catalog.ts'
import { claim } from '#db/operations/claim.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import type { SecretBox } from '#db/secrets/secret-box.ts'
import { secretsOfVm } from '#db/secrets/vm-secrets.ts'
import { storedGuestCall } from '#db/stored-guest-calls.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import { aNode, anOperation, aSnapshot, aVm, readOperation, readSnapshot, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import type { SimulatedCall, SimulatedOptions } from '#worker/hypervisor/simulated/options.ts'
import { execute } from '#worker/operations/execute.ts'
import { databaseLedger } from '#worker/operations/ledger.ts'
import type { StepMoment } from '#worker/operations/run-steps.ts'

export const db = await createTestDatabase()
export const node = await aNode(db)

const log = pino({ level: 'silent' })
const maxAttempts = 10

export interface Attempt {
  hypervisor: SimulatedHypervisor
  secretBox?: SecretBox
  at?: (step: string, moment: StepMoment) => void
  signal?: AbortSignal
}

/** Runs an operation to its end as a worker does, its retries at once. */
export async function perform({ id }: Pick<OperationRow, 'id'>, attempt: Attempt): Promise<OperationRow> {
  for (let n = 0; n < maxAttempts; n++) {
    await db.sql`update operations set not_before = now() where id = ${id}`
    const claimed = await claim(db, { ...node, operationId: id })
    if (!claimed) break
    await execute(
      {
        ledger: databaseLedger(db),
        hypervisor: attempt.hypervisor,
        secretsOf: (vmId) => secretsOfVm(db, attempt.secretBox ?? testSecretBox, vmId),
        guestCallOf: (operationId) => storedGuestCall(db, attempt.secretBox ?? testSecretBox, operationId),
        log,
        signal: attempt.signal ?? new AbortController().signal,
        waiting: (wait) => wait(),
        at: (_, step, moment) => attempt.at?.(step, moment),
      },
      claimed,
    )
  }
  return readOperation(db, id)
}

/** A VM's row and, in this state, the VM on the node. */
export async function aVmOnNode(
  hypervisor: SimulatedHypervisor,
  state: 'CREATING' | 'STOPPED' | 'RUNNING',
  vm: Partial<VmRow> = {},
): Promise<VmRow> {
  const row = await aVm(db, node.nodeId, { state: 'CREATING', ...vm })
  if (state === 'CREATING') return row
  const { status } = await perform(await anOperation(db, row, 'vm.create'), { hypervisor })
  expect(status).toBe('succeeded')
  if (state === 'RUNNING') await perform(await anOperation(db, row, 'vm.start'), { hypervisor })
  return (await readVm(db, row.id)) as VmRow
}

/** Takes a snapshot, and resolves to its row then. */
export async function takeSnapshot(
  hypervisor: SimulatedHypervisor,
  vm: VmRow,
  snapshot: Partial<SnapshotRow> = {},
): Promise<SnapshotRow> {
  const { id } = await aSnapshot(db, vm.id, snapshot)
  const recorded = await anOperation(db, vm, 'snapshot.create', { input: { snapshotId: id } })
  expect((await perform(recorded, { hypervisor })).status).toBe('succeeded')
  return readSnapshot(db, id)
}

/** Throws unless the row and the node have the same devices. */
export async function expectSpec(hypervisor: SimulatedHypervisor, vm: VmRow, parts: Partial<VmSpec>): Promise<void> {
  for (const spec of [(await readVm(db, vm.id))?.spec, hypervisor.contents.vms[vm.id]?.definition.spec]) {
    expect(spec).toMatchObject(parts)
  }
}

/** What one kind needs for the guarantees that hold for all. */
export interface KindUnderTest<K extends OperationKind> {
  kind: K
  /** Calls whose failure does not fail the operation. */
  outlives?: readonly SimulatedCall[]
  /** The VM before the operation, and the operation's input. */
  arrange(hypervisor: SimulatedHypervisor): Promise<{ vm: VmRow; input: OperationInput<K> }>
  /** Throws unless all is as it is to be after the operation did its work. */
  expectDone(hypervisor: SimulatedHypervisor, vm: VmRow): Promise<void>
  /** Throws unless all is as it is to be after the operation failed. */
  expectUndone(hypervisor: SimulatedHypervisor, vm: VmRow): Promise<void>
}

interface Fault {
  /** Of the calls that the operation makes, which one; counted from 0. */
  index: number
  moment: 'before' | 'after'
}

const injected = (code: 'internal' | 'unavailable') => new AppError(code, 'injected', { reason: 'INJECTED' })

/** A node on which the hypervisor's calls are counted, and one of them fails once. */
function faultyHypervisor(fault: Fault | undefined, error: Error, options: SimulatedOptions = {}) {
  const counter = { armed: false, calls: [] as SimulatedCall[] }
  const hypervisor = createSimulatedHypervisor({
    shutdownMs: 1,
    ...options,
    onCall(call, moment) {
      if (!counter.armed) return
      if (moment === 'before') counter.calls.push(call)
      if (fault && fault.moment === moment && fault.index === counter.calls.length - 1) {
        counter.armed = false
        throw error
      }
    },
  })
  return { hypervisor, counter }
}

async function run<K extends OperationKind>(subject: KindUnderTest<K>, fault?: Fault, error = injected('internal')) {
  const { hypervisor, counter } = faultyHypervisor(fault, error)
  const { vm, input } = await subject.arrange(hypervisor)
  counter.armed = true
  const operation = await perform(await anOperation(db, vm, subject.kind, { input }), { hypervisor })
  counter.armed = false
  return { operation, hypervisor, vm, calls: counter.calls }
}

const everyFault = (calls: readonly SimulatedCall[]): (Fault & { call: SimulatedCall })[] =>
  calls.flatMap((call, index) => [
    { call, index, moment: 'before' as const },
    { call, index, moment: 'after' as const },
  ])

/** The guarantees of every kind: each step may run twice, a failure anywhere leaves nothing behind, an outage is outlived. */
export function holdsTheGuarantees<K extends OperationKind>(subject: KindUnderTest<K>): void {
  test('it does its work', async () => {
    const { operation, hypervisor, vm } = await run(subject)
    expect(operation).toMatchObject({ status: 'succeeded', attempt: 1, error: null })
    await subject.expectDone(hypervisor, vm)
  })

  test('every step may run twice', async () => {
    const hypervisor = createSimulatedHypervisor({ shutdownMs: 1 })
    const { vm, input } = await subject.arrange(hypervisor)
    const operation = await anOperation(db, vm, subject.kind, { input })
    const seen = new Set<string>()
    // The first time a step is done, the worker is lost before it could write that down.
    const lostOnce = (step: string, moment: StepMoment) => {
      if (moment !== 'after' || seen.has(step)) return
      seen.add(step)
      throw injected('unavailable')
    }
    const ended = await perform(operation, { hypervisor, at: lostOnce })
    expect(ended).toMatchObject({ status: 'succeeded', attempt: 1 + seen.size })
    expect(seen.size).toBeGreaterThan(0)
    await subject.expectDone(hypervisor, vm)
  })

  test('a failure of any call, before or after it took effect, fails the operation and is undone', async () => {
    const { calls } = await run(subject)
    // The last call observes; its failure comes too late to fail what is done already.
    const faults = everyFault(calls.slice(0, -1)).filter(({ call }) => !subject.outlives?.includes(call))
    expect(faults.length).toBeGreaterThan(0)
    for (const fault of faults) {
      const { operation, hypervisor, vm } = await run(subject, fault)
      expect(operation, JSON.stringify(fault)).toMatchObject({ status: 'failed', error: { reason: 'INJECTED' } })
      await subject.expectUndone(hypervisor, vm)
    }
  })

  test('a call that finds its server away, before or after it took effect, is made again', async () => {
    const { calls } = await run(subject)
    for (const fault of everyFault(calls)) {
      const { operation, hypervisor, vm } = await run(subject, fault, injected('unavailable'))
      expect(operation, JSON.stringify(fault)).toMatchObject({ status: 'succeeded', attempt: 2, error: null })
      await subject.expectDone(hypervisor, vm)
    }
  })

  test('an error that nobody foresaw is shown as internal, and nothing else of it', async () => {
    const { operation } = await run(subject, { index: 0, moment: 'before' }, new TypeError('secret') as never)
    expect(operation).toMatchObject({ status: 'failed', error: { code: 'internal', message: 'Internal error' } })
  })
}
