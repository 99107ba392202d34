import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import type { Database } from '#db/client.ts'
import { registerNode } from '#db/nodes.ts'
import { claim, claimDue } from '#db/operations/claim.ts'
import type { Claim } from '#db/operations/fence.ts'
import { SupersededError } from '#db/operations/fence.ts'
import { finish } from '#db/operations/finish.ts'
import { beginUndo, recordStep, release } from '#db/operations/progress.ts'
import { type OperationRow, operations } from '#db/schema/operation.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { aNode, anOperation, aSnapshot, aVm, readOperation, readVm } from '../rows.ts'

const db = await createTestDatabase()

const takeOver = (nodeId: string) => registerNode(db, nodeId, someNodeFacts())

const claimOf = ({ id, nodeId, attempt, epoch }: OperationRow): Claim => ({ operationId: id, nodeId, attempt, epoch })

async function aClaimed(kind: 'vm.start' | 'vm.create' = 'vm.start') {
  const node = await aNode(db)
  const vm = await aVm(db, node.nodeId)
  const { id } = await anOperation(db, vm, kind)
  const claimed = await claim(db, { ...node, operationId: id })
  if (!claimed) throw new Error('not claimed')
  return { ...node, vm, operation: claimed.operation }
}

test('a claim brings the operation, its VM and its snapshot', async () => {
  const node = await aNode(db)
  const vm = await aVm(db, node.nodeId, { state: 'RUNNING' })
  const snapshot = await aSnapshot(db, vm.id, { includeMemory: true })
  const { id } = await anOperation(db, vm, 'snapshot.create', { input: { snapshotId: snapshot.id } })
  const claimed = await claim(db, { ...node, operationId: id })
  expect(claimed).toMatchObject({ operation: { id, status: 'running', attempt: 1, epoch: 1 }, vm, snapshot })
  expect(claimed?.operation.startedAt).toBeInstanceOf(Date)
})

test('a claim brings the snapshots of the VM that are on the node', async () => {
  const node = await aNode(db)
  const vm = await aVm(db, node.nodeId)
  const others = await aVm(db, node.nodeId)
  const ready = await aSnapshot(db, vm.id, { state: 'READY' })
  const deleting = await aSnapshot(db, vm.id, { state: 'DELETING' })
  await aSnapshot(db, vm.id, { state: 'FAILED' })
  const taking = await aSnapshot(db, vm.id, { state: 'CREATING' })
  await aSnapshot(db, others.id, { state: 'READY' })
  const { id } = await anOperation(db, vm, 'snapshot.create', { input: { snapshotId: taking.id } })
  const [claimed, ...more] = await claimDue(db, { ...node, limit: 5, held: [] })
  expect(more).toEqual([])
  expect(claimed).toMatchObject({ operation: { id }, vm, snapshot: taking })
  expect(claimed?.snapshots.map((snapshot) => snapshot.id).toSorted()).toEqual([ready.id, deleting.id].toSorted())
})

test('a claim of several operations brings each its own snapshots', async () => {
  const node = await aNode(db)
  const expected = new Map<string, string[]>()
  for (let count = 0; count < 3; count++) {
    const vm = await aVm(db, node.nodeId)
    const own: string[] = []
    for (let n = 0; n < count; n++) own.push((await aSnapshot(db, vm.id, { state: 'READY' })).id)
    expected.set((await anOperation(db, vm, 'vm.start')).id, own.toSorted())
  }
  const claimed = await claimDue(db, { ...node, limit: 5, held: [] })
  const found = claimed.map(({ operation, snapshots }) => [operation.id, snapshots.map(({ id }) => id).toSorted()])
  expect(new Map(found as [string, string[]][])).toEqual(expected)
})

test('of many claims at once exactly one is granted', async () => {
  const node = await aNode(db)
  const { id } = await anOperation(db, await aVm(db, node.nodeId), 'vm.start')
  const claims = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      i % 2
        ? claim(db, { ...node, operationId: id })
        : claimDue(db, { ...node, limit: 5, held: [] }).then(([first]) => first),
    ),
  )
  expect(claims.filter(Boolean)).toHaveLength(1)
  expect((await readOperation(db, id)).attempt).toBe(1)
})

test('an operation of another node, and one that waits for its time, are not claimed', async () => {
  const node = await aNode(db)
  const other = await aNode(db)
  const { id } = await anOperation(db, await aVm(db, node.nodeId), 'vm.start', {
    notBefore: new Date(Date.now() + 60_000),
  })
  expect(await claim(db, { ...node, operationId: id })).toBeNull()
  expect(await claim(db, { ...other, operationId: id })).toBeNull()
  expect(await claimDue(db, { ...node, limit: 10, held: [] })).toEqual([])
})

test('a new worker of the node takes over at once what the old one left, also what waited for its time', async () => {
  const { nodeId, operation } = await aClaimed()
  const waiting = await anOperation(db, await aVm(db, nodeId), 'vm.start', { notBefore: new Date(Date.now() + 60_000) })
  expect(await claimDue(db, { nodeId, epoch: operation.epoch, limit: 10, held: [] })).toEqual([])
  const epoch = await takeOver(nodeId)
  const claimed = await claimDue(db, { nodeId, epoch, limit: 10, held: [] })
  expect(claimed.map(({ operation: { id, attempt } }) => ({ id, attempt }))).toEqual(
    expect.arrayContaining([
      { id: operation.id, attempt: 2 },
      { id: waiting.id, attempt: 1 },
    ]),
  )
})

test('an operation whose claim got no answer is claimed again by the same worker, after a while', async () => {
  const { nodeId, operation } = await aClaimed()
  const again = (held: string[]) => claimDue(db, { nodeId, epoch: operation.epoch, limit: 10, held })
  expect(await again([])).toEqual([])
  await db.drizzle.update(operations).set({ notBefore: new Date() }).where(eq(operations.id, operation.id))
  expect(await again([operation.id])).toEqual([])
  expect((await again([])).map(({ operation: { id, attempt } }) => ({ id, attempt }))).toEqual([
    { id: operation.id, attempt: 2 },
  ])
})

test('a worker whose node was taken over claims nothing', async () => {
  const node = await aNode(db)
  await takeOver(node.nodeId)
  const { id } = await anOperation(db, await aVm(db, node.nodeId), 'vm.start')
  expect(await claim(db, { ...node, operationId: id })).toBeNull()
})

const writes: [string, (claim: Claim) => Promise<void>][] = [
  ['recording a step', (held) => recordStep(db, held, { name: 's', output: 1 })],
  ['beginning to undo', (held) => beginUndo(db, held, { code: 'internal', message: 'no' })],
  ['releasing', (held) => release(db, held, { delayMs: 0, message: 'later' })],
  ['finishing', (held) => finish(db, held, { error: null, change: { vm: { state: 'RUNNING' } } })],
]

test.each(writes)('%s is refused to an older attempt, and changes nothing', async (_, write) => {
  const { nodeId, operation, vm } = await aClaimed()
  const epoch = await takeOver(nodeId)
  await claim(db, { nodeId, epoch, operationId: operation.id })
  const before = await readOperation(db, operation.id)
  await expect(write(claimOf(operation))).rejects.toBeInstanceOf(SupersededError)
  expect(await readOperation(db, operation.id)).toEqual(before)
  expect(await readVm(db, vm.id)).toEqual(vm)
})

test.each(writes)('%s is refused to a worker whose node was taken over, before anybody claimed', async (_, write) => {
  const { nodeId, operation, vm } = await aClaimed()
  await takeOver(nodeId)
  await expect(write(claimOf(operation))).rejects.toBeInstanceOf(SupersededError)
  expect(await readVm(db, vm.id)).toEqual(vm)
})

test.each(writes)(
  '%s is refused to an attempt that was put down, also when the same worker took it up again',
  async (_, write) => {
    const { nodeId, epoch, operation } = await aClaimed()
    await release(db, claimOf(operation), { delayMs: 0 })
    await expect(write(claimOf(operation))).rejects.toBeInstanceOf(SupersededError)
    await claim(db, { nodeId, epoch, operationId: operation.id })
    const before = await readOperation(db, operation.id)
    await expect(write(claimOf(operation))).rejects.toBeInstanceOf(SupersededError)
    expect(await readOperation(db, operation.id)).toEqual(before)
  },
)

test('the outputs of finished steps come with the next claim', async () => {
  const { nodeId, epoch, operation } = await aClaimed()
  await recordStep(db, claimOf(operation), { name: 'one', output: { a: [1, null] } })
  await recordStep(db, claimOf(operation), { name: 'two', output: undefined })
  await release(db, claimOf(operation), { delayMs: 0, message: '' })
  const again = await claim(db, { nodeId, epoch, operationId: operation.id })
  expect(again?.operation).toMatchObject({ attempt: 2, steps: { one: { a: [1, null] }, two: null } })
})

test('an operation that was put down while undoing goes on undoing', async () => {
  const { nodeId, epoch, operation } = await aClaimed()
  const error = { code: 'internal', message: 'no' } as const
  await beginUndo(db, claimOf(operation), error)
  expect(await claim(db, { nodeId, epoch, operationId: operation.id })).toBeNull()
  await release(db, claimOf(operation), { delayMs: 0, message: 'later' })
  const again = await claim(db, { nodeId, epoch, operationId: operation.id })
  expect(again?.operation).toMatchObject({ status: 'undoing', attempt: 2, error })
})

test('an operation put down is claimed again only after its delay, and the VM says why it waits', async () => {
  const { nodeId, epoch, operation, vm } = await aClaimed()
  await release(db, claimOf(operation), { delayMs: 60_000, message: 'libvirt is away' })
  expect(await claim(db, { nodeId, epoch, operationId: operation.id })).toBeNull()
  expect(await readVm(db, vm.id)).toMatchObject({ message: 'libvirt is away', state: vm.state })
})

test('one VM has at most one unfinished operation', async () => {
  const { operation, vm } = await aClaimed()
  await expect(anOperation(db, vm, 'vm.delete')).rejects.toMatchObject({
    cause: { constraint_name: 'operations_one_unfinished_per_vm' },
  })
  await finish(db, claimOf(operation), { error: null, change: {} })
  await anOperation(db, vm, 'vm.delete')
})

test('an operation cannot be recorded for a node that is not there', async () => {
  await expect(anOperation(db, { id: randomUUID(), nodeId: randomUUID() }, 'vm.start')).rejects.toThrow()
})

test('an operation is due at the very moment it is recorded', async () => {
  const node = await aNode(db)
  for (let n = 0; n < 20; n++) {
    // Within a transaction the time stands still.
    await db.drizzle.transaction(async (transaction) => {
      const now: Database = { ...db, drizzle: transaction as never }
      const { id } = await anOperation(now, await aVm(now, node.nodeId), 'vm.start')
      expect(await claim(now, { ...node, operationId: id })).not.toBeNull()
    })
  }
})
