import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { recordSnapshotDelete } from '#db/operations/record-snapshot-delete.ts'
import { type SnapshotRow, snapshotColumns, snapshots } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { anOperation, aSnapshot, readOperation, readSnapshot, readVm } from '#test/db/rows.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, perform, takeSnapshot } from './harness.ts'

/** A running VM with a snapshot after each word that it wrote. */
async function aVmWithSnapshots(hypervisor: SimulatedHypervisor, ...words: string[]) {
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  const taken: SnapshotRow[] = []
  for (const [block, word] of words.entries()) {
    hypervisor.writeDisk(vm.id, 'vda', block, word)
    taken.push(await takeSnapshot(hypervisor, vm, { name: word, includeMemory: true }))
  }
  return { vm: (await readVm(db, vm.id)) as VmRow, taken }
}

async function deleting(vm: VmRow, snapshot: Pick<SnapshotRow, 'id'>) {
  await db.sql`update snapshots set state = 'DELETING' where id = ${snapshot.id}`
  return anOperation(db, vm, 'snapshot.delete', { input: { snapshotId: snapshot.id } })
}

const snapshotsOf = async (vmId: string) =>
  db.drizzle.select(snapshotColumns).from(snapshots).where(eq(snapshots.vmId, vmId)).orderBy(snapshots.name)

/** What each snapshot that is left holds, by its name, as its row finds it. */
async function contents(hypervisor: SimulatedHypervisor, vmId: string) {
  const rows = (await snapshotsOf(vmId)).filter(({ state }) => state === 'READY')
  return Object.fromEntries(
    rows.map(({ name, disks }) => [name, Object.values(hypervisor.readVolume(disks?.[0]?.volume ?? ''))]),
  )
}

holdsTheGuarantees({
  kind: 'snapshot.delete',
  async arrange(hypervisor) {
    const { vm, taken } = await aVmWithSnapshots(hypervisor, 'a', 'b', 'c')
    const [, middle] = taken as [SnapshotRow, SnapshotRow, SnapshotRow]
    await db.sql`update snapshots set state = 'DELETING' where id = ${middle.id}`
    return { vm, input: { vmId: vm.id, snapshotId: middle.id } }
  },
  async expectDone(hypervisor, vm) {
    expect(await contents(hypervisor, vm.id)).toEqual({ a: ['a'], c: ['a', 'b', 'c'] })
    const [a, c] = (await snapshotsOf(vm.id)) as [SnapshotRow, SnapshotRow]
    expect(c).toMatchObject({ parentId: a.id })
    expect(await readVm(db, vm.id)).toMatchObject({
      state: 'RUNNING',
      message: '',
      startedAt: vm.startedAt,
      currentSnapshotId: c.id,
    })
    expect(hypervisor.contents.files.filter((name) => name.endsWith('.mem'))).toHaveLength(2)
  },
  // What was merged cannot be parted again; the row says so. Either way the snapshot can be deleted again.
  async expectUndone(hypervisor, vm) {
    const [, failed] = (await snapshotsOf(vm.id)) as [SnapshotRow, SnapshotRow]
    const hasBegun = failed.state === 'FAILED'
    expect(failed).toMatchObject({ name: 'b', error: hasBegun ? { reason: 'INJECTED' } : null })
    if (!hasBegun) expect(await contents(hypervisor, vm.id)).toMatchObject({ b: ['a', 'b'] })
    expect(await contents(hypervisor, vm.id), 'by the names that the rows have').toMatchObject({
      a: ['a'],
      c: ['a', 'b', 'c'],
    })
    expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: '', startedAt: vm.startedAt })
    expect((await perform(await deleting(vm, failed), { hypervisor })).status).toBe('succeeded')
    expect(await contents(hypervisor, vm.id)).toEqual({ a: ['a'], c: ['a', 'b', 'c'] })
  },
})

test.each([
  ['first', [0, 1, 2]],
  ['last', [2, 1, 0]],
  ['middle', [1, 2, 0]],
  ['middle, then the first', [1, 0, 2]],
])('snapshots can be deleted from the %s one on, and what is left stays what it was', async (_, order) => {
  const hypervisor = createSimulatedHypervisor()
  const { vm, taken } = await aVmWithSnapshots(hypervisor, 'a', 'b', 'c')
  hypervisor.writeDisk(vm.id, 'vda', 9, 'now')
  const left = await contents(hypervisor, vm.id)
  for (const index of order) {
    const { id, name } = taken[index] as SnapshotRow
    expect((await perform(await deleting(vm, { id }), { hypervisor })).status).toBe('succeeded')
    delete left[name]
    expect(await contents(hypervisor, vm.id)).toEqual(left)
  }
  const [disk] = hypervisor.contents.vms[vm.id]?.disks ?? []
  expect(Object.values(hypervisor.readVolume(disk?.volume ?? ''))).toEqual(['a', 'b', 'c', 'now'])
  expect(hypervisor.contents.files).toEqual([disk?.volume])
  expect(await readVm(db, vm.id)).toMatchObject({ currentSnapshotId: null })
})

test('a snapshot that failed can be deleted, with whatever it left', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  const failed = await aSnapshot(db, vm.id, { state: 'FAILED', error: { code: 'internal', message: 'no' } })
  expect((await perform(await deleting(vm, failed), { hypervisor })).status).toBe('succeeded')
  expect(await snapshotsOf(vm.id)).toEqual([])
})

test('a snapshot whose delete is refused for the state of the disks stays what it was, and where it was in the tree', async () => {
  const hypervisor = createSimulatedHypervisor()
  const { vm, taken } = await aVmWithSnapshots(hypervisor, 'a', 'b')
  hypervisor.changeDiskProblem(vm.id, { reason: 'DISKS_OUT_OF_STEP', message: 'They do not agree.' })
  const [first] = taken as [SnapshotRow]
  expect(await perform(await deleting(vm, first), { hypervisor })).toMatchObject({
    status: 'failed',
    error: { reason: 'DISKS_OUT_OF_STEP' },
  })
  expect(await readSnapshot(db, first.id)).toEqual({ ...first, state: 'READY' })
  expect(await readVm(db, vm.id)).toMatchObject({ currentSnapshotId: vm.currentSnapshotId })
})

test('a snapshot that failed is no better for a delete that may not begin', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  hypervisor.changeDiskProblem(vm.id, { reason: 'DISKS_OUT_OF_STEP', message: 'They do not agree.' })
  const failed = await aSnapshot(db, vm.id, { state: 'FAILED', error: { code: 'internal', message: 'no' } })
  const operationId = randomUUID()
  await recordSnapshotDelete(db, { vmId: vm.id, snapshotId: failed.id, operationId })
  expect(await perform(await readOperation(db, operationId), { hypervisor })).toMatchObject({ status: 'failed' })
  expect(await readSnapshot(db, failed.id)).toEqual(failed)
})

test('a snapshot that could not be deleted says why', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING', { name: `fails-to-reclaim-${randomUUID()}` })
  const snapshot = await takeSnapshot(hypervisor, vm)
  expect(await perform(await deleting(vm, snapshot), { hypervisor })).toMatchObject({ status: 'failed' })
  expect(await readSnapshot(db, snapshot.id)).toMatchObject({ state: 'FAILED', error: { reason: 'SIMULATED' } })
})
