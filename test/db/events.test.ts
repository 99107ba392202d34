import { asc, eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { dropOldEvents } from '#db/events.ts'
import { findSettledVms, recordCorrections } from '#db/observed-state.ts'
import { claim } from '#db/operations/claim.ts'
import { finish } from '#db/operations/finish.ts'
import { type EventRow, events } from '#db/schema/event.ts'
import { operations } from '#db/schema/operation.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { vms } from '#db/schema/vm.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { aNode, anOperation, aSnapshot, aVm } from './rows.ts'

const db = await createTestDatabase()
const node = await aNode(db)

const historyOf = (vmId: string): Promise<EventRow[]> =>
  db.drizzle.select().from(events).where(eq(events.vmId, vmId)).orderBy(asc(events.id))

/** Claims an operation that somebody asked for, and ends it. */
async function anEndedOperation(vm: VmRow, given: Parameters<typeof anOperation>[3], error: boolean) {
  const { id } = await anOperation(db, vm, 'vm.start', given)
  const claimed = await claim(db, { ...node, operationId: id })
  const held = { operationId: id, attempt: claimed?.operation.attempt ?? 0, ...node }
  if (error) await finish(db, held, { error: { code: 'internal', message: 'no room' }, change: {} })
  else await finish(db, held, { error: null, change: { vm: { state: 'RUNNING', message: '' } } })
  return id
}

test('an operation tells when it was asked for, by whom, what it changed, and how it ended', async () => {
  const vm = await aVm(db, node.nodeId, { state: 'STARTING' })
  const operationId = await anEndedOperation(vm, { actor: 'schedule' }, false)
  const common = { vmId: vm.id, nodeId: node.nodeId, actor: 'schedule', operationId, severity: 'info' }
  const [asked, ...after] = await historyOf(vm.id)
  expect(asked).toMatchObject({ ...common, type: 'operation.requested', message: 'vm.start was requested' })
  expect(asked?.details).toEqual({ kind: 'vm.start', input: {} })
  expect(after.sort((a, b) => a.type.localeCompare(b.type))).toMatchObject([
    { ...common, type: 'operation.succeeded', message: 'vm.start succeeded', details: { attempt: 1 } },
    {
      ...common,
      type: 'vm.state-changed',
      message: 'STARTING → RUNNING',
      details: { from: 'STARTING', to: 'RUNNING' },
    },
  ])
})

test('an operation that failed says why', async () => {
  const vm = await aVm(db, node.nodeId)
  await anEndedOperation(vm, {}, true)
  const [, failed] = await historyOf(vm.id)
  expect(failed).toMatchObject({
    type: 'operation.failed',
    severity: 'error',
    message: 'vm.start failed: no room',
    details: { error: { code: 'internal', message: 'no room' } },
  })
})

test('of the operations that one statement records, each is told', async () => {
  const many = await Promise.all(Array.from({ length: 5 }, () => aVm(db, node.nodeId)))
  const rows = many.map(({ id }) => ({
    id,
    kind: 'vm.stop' as const,
    vmId: id,
    nodeId: node.nodeId,
    input: { vmId: id },
  }))
  await db.drizzle.insert(operations).values(rows)
  for (const { id } of many) expect(await historyOf(id)).toMatchObject([{ operationId: id }])
})

test('what is rolled back did not happen', async () => {
  const vm = await aVm(db, node.nodeId)
  const failing = db.drizzle.transaction(async (tx) => {
    await tx.update(vms).set({ state: 'RUNNING' }).where(eq(vms.id, vm.id))
    expect(await tx.$count(events, eq(events.vmId, vm.id))).toBe(1)
    tx.rollback()
  })
  await expect(failing).rejects.toThrow()
  expect(await historyOf(vm.id)).toEqual([])
})

test('a row that is written without another state tells nothing', async () => {
  const vm = await aVm(db, node.nodeId, { state: 'RUNNING' })
  await db.drizzle.update(vms).set({ state: 'RUNNING', message: 'other' }).where(eq(vms.id, vm.id))
  expect(await historyOf(vm.id)).toEqual([])
})

test('what nobody asked for has the cause that its writer gives, and leaves none to the next statement', async () => {
  const vm = await aVm(db, node.nodeId, { state: 'RUNNING' })
  const [before] = await findSettledVms(db, node.nodeId, vm.id)
  if (!before) throw new Error('not settled')
  const cause = { actor: 'guest', severity: 'error', details: { reason: 'crashed' } } as const
  const now = { ...before, state: 'STOPPED', message: 'It crashed.' } as const
  expect(await recordCorrections(db, node, [{ before, now, cause }])).toEqual([vm.id])
  // On every connection of the pool.
  for (let n = 0; n < 12; n++) {
    const state = n % 2 === 0 ? 'RUNNING' : 'STOPPED'
    await db.drizzle.update(vms).set({ state, message: '' }).where(eq(vms.id, vm.id))
  }
  const [first, ...others] = await historyOf(vm.id)
  expect(first).toMatchObject({
    actor: 'guest',
    severity: 'error',
    operationId: null,
    message: 'RUNNING → STOPPED: It crashed.',
    details: { from: 'RUNNING', to: 'STOPPED', reason: 'crashed' },
  })
  expect(others).toHaveLength(12)
  for (const { actor, severity } of others) expect([actor, severity]).toEqual(['system', 'info'])
})

test('a scheduled snapshot that could not begin is told, though it has no operation', async () => {
  const vm = await aVm(db, node.nodeId)
  const error = { code: 'failed_precondition', message: 'No.' } as const
  const { id } = await aSnapshot(db, vm.id, { name: 's', state: 'FAILED', origin: 'schedule', error })
  expect(await historyOf(vm.id)).toMatchObject([
    {
      type: 'snapshot.refused',
      severity: 'warning',
      actor: 'schedule',
      message: 'Scheduled snapshot s was not taken: No.',
      details: { snapshotId: id, error },
    },
  ])
})

test('disks that do not agree any more are told, and that they agree again', async () => {
  const vm = await aVm(db, node.nodeId)
  const diskProblem = { reason: 'DISKS_OUT_OF_STEP', message: 'They differ.' }
  await db.drizzle.update(vms).set({ diskProblem }).where(eq(vms.id, vm.id))
  await db.drizzle.update(vms).set({ diskProblem: null }).where(eq(vms.id, vm.id))
  expect(await historyOf(vm.id)).toMatchObject([
    { type: 'vm.disk-problem-changed', severity: 'error', actor: 'node', message: 'They differ.' },
    { type: 'vm.disk-problem-changed', severity: 'info', actor: 'node', details: { from: diskProblem, to: null } },
  ])
})

test('what is too old is dropped, the oldest first and so many at a time; the rest stays', async () => {
  await db.sql`truncate events`
  const vm = await aVm(db, node.nodeId)
  for (let n = 0; n < 6; n++) {
    const state = n % 2 === 0 ? 'RUNNING' : 'STOPPED'
    await db.drizzle.update(vms).set({ state }).where(eq(vms.id, vm.id))
  }
  const [first, second, third, ...young] = (await historyOf(vm.id)).map(({ id }) => id)
  await db.sql`update events set created_at = now() - interval '91 days' where id <= ${third ?? 0}`
  expect(await dropOldEvents(db, 92)).toEqual([])
  expect((await dropOldEvents(db, 90, 2)).map(({ id }) => id).sort()).toEqual([first, second])
  expect(await dropOldEvents(db, 90, 2)).toEqual([{ id: third }])
  expect(await dropOldEvents(db, 90, 2)).toEqual([])
  expect((await historyOf(vm.id)).map(({ id }) => id)).toEqual(young)
})
