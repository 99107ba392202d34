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

async function end(vm: VmRow, snapshotId: string | undefined, outcome: Outcome, input: object = {}) {
  const { id } = await anOperation(db, vm, 'snapshot.create', { input: { snapshotId, ...input } })
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

/** Of a tree: what each snapshot, by its name, has as its parent, and what is current (undefined: nothing). */
async function treeOf(vmId: string) {
  const rows = (await db.drizzle.select().from(snapshots)).filter((row) => row.vmId === vmId)
  const nameOf = (id: string | null | undefined) => rows.find((row) => row.id === id)?.name ?? null
  const parents = Object.fromEntries(rows.map(({ name, parentId }) => [name, nameOf(parentId)]))
  return { parents, current: nameOf((await readVm(db, vmId))?.currentSnapshotId) }
}

/** Snapshots that are ready, each with the one before as its parent, the last one current. */
async function aVmWithChain(...names: string[]) {
  const vm = await aVm(db, node.nodeId)
  const chain: Record<string, string> = {}
  for (const name of names) {
    const { id } = await aSnapshot(db, vm.id, { name })
    await end(vm, id, {
      error: null,
      change: { snapshot: { state: 'READY', takenAt: new Date(), disks: disksOn(name) } },
    })
    chain[name] = id
  }
  return { vm, chain }
}

const disksOn = (file: string) => [
  { target: 'vda', volume: `${file}.vda` },
  { target: 'vdb', volume: `${file}.vdb` },
]

const volumesOf = async (id: string | undefined) =>
  (await readSnapshot(db, id ?? '')).disks?.map(({ target, volume }) => `${target} ${volume}`)

test('a snapshot that is taken has the current one as its parent, and is current then', async () => {
  const { vm } = await aVmWithChain('a', 'b')
  const failed = await aSnapshot(db, vm.id, { name: 'failed' })
  await end(vm, failed.id, { error: null, change: { snapshot: { state: 'FAILED' } } })
  expect(await treeOf(vm.id)).toEqual({ parents: { a: null, b: 'a', failed: null }, current: 'b' })
})

test('after a revert the snapshot is current, and what is taken then branches off from it', async () => {
  const { vm, chain } = await aVmWithChain('a', 'b', 'c')
  await end(vm, chain.a, { error: null, change: { reverted: true } })
  expect((await treeOf(vm.id)).current).toBe('a')
  const { id } = await aSnapshot(db, vm.id, { name: 'd' })
  await end(vm, id, { error: null, change: { snapshot: { state: 'READY', takenAt: new Date() } } })
  expect(await treeOf(vm.id)).toEqual({ parents: { a: null, b: 'a', c: 'b', d: 'a' }, current: 'd' })
})

test('what was current before a revert becomes a snapshot on the branch that was left', async () => {
  const { vm, chain } = await aVmWithChain('a', 'b')
  const kept = await aSnapshot(db, vm.id, { name: 'kept', origin: 'revert' })
  const change = { reverted: true, kept: { state: 'READY', takenAt: new Date(), disks: disksOn('kept') } } as const
  await end(vm, chain.a, { error: null, change }, { keepAs: kept.id })
  expect(await treeOf(vm.id)).toEqual({ parents: { a: null, b: 'a', kept: 'b' }, current: 'a' })
  expect(await readSnapshot(db, kept.id)).toMatchObject({ state: 'READY', origin: 'revert' })
})

test('a revert that had nothing to keep removes the snapshot that it would have become', async () => {
  const { vm, chain } = await aVmWithChain('a', 'b')
  const kept = await aSnapshot(db, vm.id, { name: 'kept' })
  await end(vm, chain.a, { error: null, change: { reverted: true, kept: 'delete' } }, { keepAs: kept.id })
  expect(await treeOf(vm.id)).toEqual({ parents: { a: null, b: 'a' }, current: 'a' })
})

test('the children of a deleted snapshot become those of its parent, and no other changes', async () => {
  const { vm, chain } = await aVmWithChain('a', 'b', 'c')
  const { vm: other } = await aVmWithChain('a', 'b', 'c')
  await end(vm, chain.b, { error: null, change: { snapshot: 'delete' } })
  expect(await treeOf(vm.id)).toEqual({ parents: { a: null, c: 'a' }, current: 'c' })
  expect(await treeOf(other.id)).toEqual({ parents: { a: null, b: 'a', c: 'b' }, current: 'c' })
})

test('the parent of a deleted snapshot is current if it was, and nothing is after the last', async () => {
  const { vm, chain } = await aVmWithChain('a', 'b')
  await end(vm, chain.b, { error: null, change: { snapshot: 'delete' } })
  expect(await treeOf(vm.id)).toEqual({ parents: { a: null }, current: 'a' })
  await end(vm, chain.a, { error: null, change: { snapshot: 'delete' } })
  expect(await readVm(db, vm.id)).toMatchObject({ currentSnapshotId: null })
})

test('the rows follow volumes that have another name now, also one that moved twice, and stay in order', async () => {
  const { vm, chain } = await aVmWithChain('a', 'b', 'c')
  const { chain: others } = await aVmWithChain('b')
  const movedVolumes = [
    { from: 'b.vda', to: 'x.vda' },
    { from: 'c.vdb', to: 'y.vdb' },
    { from: 'x.vda', to: 'a.vda' },
  ]
  await end(vm, chain.a, { error: null, change: { snapshot: 'delete', movedVolumes } })
  expect(await volumesOf(chain.b)).toEqual(['vda a.vda', 'vdb b.vdb'])
  expect(await volumesOf(chain.c)).toEqual(['vda c.vda', 'vdb y.vdb'])
  expect((await treeOf(vm.id)).parents).toEqual({ b: null, c: 'b' })
  expect(await volumesOf(others.b)).toEqual(['vda b.vda', 'vdb b.vdb'])
})

test('a volume of what a revert kept may have moved in the same operation', async () => {
  const { vm, chain } = await aVmWithChain('a')
  const kept = await aSnapshot(db, vm.id, { name: 'kept' })
  const change = {
    reverted: true,
    kept: { state: 'READY', takenAt: new Date(), disks: disksOn('kept') },
    movedVolumes: [
      { from: 'kept.vda', to: 'z.vda' },
      { from: 'a.vda', to: 'w.vda' },
    ],
  } as const
  await end(vm, chain.a, { error: null, change }, { keepAs: kept.id })
  expect(await volumesOf(kept.id)).toEqual(['vda z.vda', 'vdb kept.vdb'])
  expect(await volumesOf(chain.a)).toEqual(['vda w.vda', 'vdb a.vdb'])
})

test('a snapshot without disks stays without them when volumes of others move', async () => {
  const vm = await aVm(db, node.nodeId)
  const none = await aSnapshot(db, vm.id, { state: 'READY', takenAt: new Date(), disks: [] })
  const failed = await aSnapshot(db, vm.id, { state: 'FAILED' })
  const change = { vm: { message: '' }, movedVolumes: [{ from: 'a', to: 'b' }] }
  await end(vm, undefined, { error: null, change })
  expect((await readSnapshot(db, none.id)).disks).toEqual([])
  expect((await readSnapshot(db, failed.id)).disks).toBeNull()
})

test('a deleted VM takes its chain of snapshots with it, and its operation stays', async () => {
  const vm = await aVm(db, node.nodeId)
  const parent = await aSnapshot(db, vm.id, { state: 'READY', takenAt: new Date() })
  await aSnapshot(db, vm.id, { state: 'READY', parentId: parent.id })
  const { operationId } = await end(vm, undefined, { error: null, change: { vm: 'delete' } })
  expect(await readVm(db, vm.id)).toBeUndefined()
  expect((await db.drizzle.select().from(snapshots)).filter(({ vmId }) => vmId === vm.id)).toEqual([])
  expect(await readOperation(db, operationId)).toMatchObject({ status: 'succeeded', vmId: vm.id })
})
