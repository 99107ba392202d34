import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { findSettledVms } from '#db/observed-state.ts'
import { findReadySnapshots } from '#db/stored-snapshots.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { aNode, aSnapshot, aVm } from './rows.ts'

const db = await createTestDatabase()

test("one VM is compared with what its node observes only while it is settled, and only by its node's worker", async () => {
  const { nodeId } = await aNode(db)
  const settled = await aVm(db, nodeId, { state: 'RUNNING' })
  const moving = await aVm(db, nodeId, { state: 'STARTING' })
  expect(await findSettledVms(db, nodeId, settled.id)).toMatchObject([{ id: settled.id }])
  expect(await findSettledVms(db, nodeId, moving.id)).toEqual([])
  expect(await findSettledVms(db, randomUUID(), settled.id)).toEqual([])
  expect(await findSettledVms(db, nodeId)).toMatchObject([{ id: settled.id }])
})

test('of one VM the snapshots that are ready are found, and no other', async () => {
  const { nodeId } = await aNode(db)
  const [vm, other] = [await aVm(db, nodeId), await aVm(db, nodeId)]
  const taken = { kind: 'disk-only' as const, disks: [{ target: 'vda', volume: 'v' }] }
  const ready = await aSnapshot(db, vm.id, { ...taken, state: 'READY' })
  await aSnapshot(db, vm.id, { ...taken, state: 'DELETING' })
  await aSnapshot(db, vm.id, { state: 'CREATING' })
  await aSnapshot(db, other.id, { ...taken, state: 'READY' })
  expect(await findReadySnapshots(db, nodeId, vm.id)).toMatchObject([{ snapshotId: ready.id }])
  expect(await findReadySnapshots(db, randomUUID(), vm.id)).toEqual([])
  expect(await findReadySnapshots(db, nodeId)).toHaveLength(2)
})
