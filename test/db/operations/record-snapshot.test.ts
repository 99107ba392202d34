import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { recordSnapshot } from '#db/operations/record-snapshot.ts'
import { recordSnapshotRevert } from '#db/operations/record-snapshot-revert.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { aNode, aSnapshot, aVm, readVm } from '../rows.ts'

const db = await createTestDatabase()
const node = await aNode(db)

const take = ({ id: vmId }: VmRow, maxSnapshots: number) =>
  recordSnapshot(db, {
    vmId,
    name: 'one more',
    description: '',
    includeMemory: false,
    quiesce: false,
    quiescePolicy: 'require',
    quiesceTimeoutSeconds: 60,
    origin: 'user',
    snapshotId: randomUUID(),
    operationId: randomUUID(),
    maxSnapshots,
  })

const revert = ({ id: vmId }: VmRow, snapshotId: string, keepAs: string | null, maxSnapshots: number) =>
  recordSnapshotRevert(db, { vmId, snapshotId, operationId: randomUUID(), start: false, keepAs, maxSnapshots })

/** A VM with two snapshots, and one that failed. */
async function aVmWithTwo(vm: Partial<VmRow> = {}) {
  const row = await aVm(db, node.nodeId, vm)
  await aSnapshot(db, row.id, { state: 'FAILED' })
  await aSnapshot(db, row.id, { state: 'READY' })
  return { vm: row, snapshot: await aSnapshot(db, row.id, { state: 'READY' }) }
}

const countOf = async ({ id }: VmRow) => (await db.drizzle.select().from(snapshots)).filter((s) => s.vmId === id).length

test('the statement itself records no snapshot beyond the most, whatever was asked beforehand', async () => {
  const { vm } = await aVmWithTwo()
  expect(await take(vm, 2)).toMatchObject({ operation: null, snapshot: null })
  expect(await countOf(vm)).toBe(3)
  expect(await take(vm, 3)).toMatchObject({ operation: { kind: 'snapshot.create' }, snapshot: { state: 'CREATING' } })
})

test('the statement itself keeps nothing beyond the most, and records no revert then', async () => {
  const { vm, snapshot } = await aVmWithTwo()
  expect(await revert(vm, snapshot.id, randomUUID(), 2)).toMatchObject({ operation: null, kept: null, changed: null })
  expect(await readVm(db, vm.id)).toEqual(vm)
  expect(await revert(vm, snapshot.id, null, 2)).toMatchObject({ operation: { kind: 'snapshot.revert' }, kept: null })
})

test.each([
  ['in another state', { state: 'STARTING' }],
  ['whose disks do not agree', { diskProblem: { reason: 'DISKS_OUT_OF_STEP', message: 'no' } }],
] as const)('the statements record nothing of a VM %s', async (_, given) => {
  const { vm, snapshot } = await aVmWithTwo(given)
  expect(await take(vm, 9)).toMatchObject({ operation: null })
  expect(await revert(vm, snapshot.id, null, 9)).toMatchObject({ operation: null })
  expect(await countOf(vm)).toBe(3)
})
