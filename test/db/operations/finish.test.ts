import { expect, test } from 'vitest'
import { claim } from '#db/operations/claim.ts'
import { SupersededError } from '#db/operations/fence.ts'
import { finish, type Outcome } from '#db/operations/finish.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { aNode, anOperation, aSnapshot, aVm, readOperation, readSnapshot, readVm } from '../rows.ts'

const db = await createTestDatabase()
const node = await aNode(db)

async function end(vm: VmRow, snapshotId: string | undefined, outcome: Outcome) {
  const { id } = await anOperation(db, vm, 'snapshot.create', { input: { snapshotId } })
  const claimed = await claim(db, { ...node, operationId: id })
  if (!claimed) throw new Error('not claimed')
  const held = { operationId: id, attempt: claimed.operation.attempt, ...node }
  await finish(db, held, outcome)
  return held
}

test('the end of an operation and what became of its rows are written together', async () => {
  const vm = await aVm(db, node.nodeId, { state: 'STARTING' })
  const startedAt = new Date()
  const effectiveCpu = { mode: 'custom', migratable: null, invtscPolicy: null, tscFrequencyHz: null } as const
  const change = { vm: { state: 'RUNNING', message: '', effectiveCpu, startedAt } } as const
  const { operationId } = await end(vm, undefined, { error: null, change })
  expect(await readOperation(db, operationId)).toMatchObject({ status: 'succeeded', error: null })
  const after = await readVm(db, vm.id)
  expect(after).toMatchObject({ ...change.vm })
  expect(after?.updatedAt.getTime()).toBeGreaterThanOrEqual(vm.updatedAt.getTime())
})

test('a failed operation keeps its error', async () => {
  const error = { code: 'internal', message: 'no', reason: 'WHY', details: { a: 1 } } as const
  const { operationId } = await end(await aVm(db, node.nodeId), undefined, { error, change: {} })
  expect(await readOperation(db, operationId)).toMatchObject({ status: 'failed', error })
  expect((await readOperation(db, operationId)).finishedAt).toBeInstanceOf(Date)
})

test('an operation ends once', async () => {
  const held = await end(await aVm(db, node.nodeId), undefined, { error: null, change: {} })
  await expect(finish(db, held, { error: null, change: {} })).rejects.toBeInstanceOf(SupersededError)
})

test('a snapshot that becomes ready takes the newest ready one of its VM as parent', async () => {
  const vm = await aVm(db, node.nodeId)
  const other = await aVm(db, node.nodeId)
  await aSnapshot(db, other.id, { state: 'READY', takenAt: new Date() })
  const taken: string[] = []
  for (const state of ['READY', 'FAILED', 'READY'] as const) {
    const snapshot = await aSnapshot(db, vm.id)
    await end(vm, snapshot.id, { error: null, change: { snapshot: { state, takenAt: new Date() } } })
    taken.push(snapshot.id)
  }
  const [first, failed, second] = taken as [string, string, string]
  expect((await readSnapshot(db, first)).parentId).toBeNull()
  expect((await readSnapshot(db, failed)).parentId).toBeNull()
  expect((await readSnapshot(db, second)).parentId).toBe(first)
})

test('a deleted VM takes its chain of snapshots with it, and its operation stays', async () => {
  const vm = await aVm(db, node.nodeId)
  const parent = await aSnapshot(db, vm.id, { state: 'READY' })
  await aSnapshot(db, vm.id, { state: 'READY', parentId: parent.id })
  const { operationId } = await end(vm, undefined, { error: null, change: { vm: 'delete' } })
  expect(await readVm(db, vm.id)).toBeUndefined()
  expect((await db.drizzle.select().from(snapshots)).filter(({ vmId }) => vmId === vm.id)).toEqual([])
  expect(await readOperation(db, operationId)).toMatchObject({ status: 'succeeded', vmId: vm.id })
})
