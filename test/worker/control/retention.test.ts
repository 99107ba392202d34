import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { newId } from '#db/new-id.ts'
import { operations } from '#db/schema/operation.ts'
import { type SnapshotRow, snapshots } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { aNode, anOperation, aSnapshot, aVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { deleteSurplusSnapshots } from '#worker/control/retention.ts'

const db = await createTestDatabase()
const deps = { db, doorbell: { ring: async () => {} } }
const now = new Date('2026-11-20T21:00:00.000Z')

const error = { code: 'internal', message: 'injected' } as const

async function aVmThatKeeps(keep: number, vm: Partial<VmRow> = {}): Promise<VmRow> {
  const { nodeId } = await aNode(db)
  const snapshotSchedule = { cron: '0 * * * *', includeMemory: false, quiesce: false, keep }
  return aVm(db, nodeId, { state: 'RUNNING', snapshotSchedule, ...vm })
}

/** Snapshots of the VM, the oldest first. */
async function taken(vm: VmRow, ...rows: Partial<SnapshotRow>[]): Promise<SnapshotRow[]> {
  const made: SnapshotRow[] = []
  for (const [index, row] of rows.entries()) {
    const disks = [{ target: 'vda', volume: 'v' }]
    made.push(await aSnapshot(db, vm.id, { id: newId(now.getTime() + index), state: 'READY', disks, ...row }))
  }
  return made
}

const scheduled: Partial<SnapshotRow> = { origin: 'schedule' }

const statesOf = async (vm: VmRow) =>
  (await db.drizzle.select().from(snapshots).where(eq(snapshots.vmId, vm.id)).orderBy(snapshots.id)).map(
    ({ state }) => state,
  )

/** What the worker does with a deletion. */
async function endDeletion(vm: VmRow, status: 'succeeded' | 'failed', finishedAt = now): Promise<void> {
  const [ended] = await db.sql`update operations set status = ${status}, finished_at = ${finishedAt.toISOString()}
    where vm_id = ${vm.id} and status = 'queued' returning input ->> 'snapshotId' as snapshot_id`
  if (status === 'succeeded') await db.sql`delete from snapshots where id = ${ended?.snapshot_id}`
  else await db.sql`update snapshots set state = 'FAILED', error = '{}' where id = ${ended?.snapshot_id}`
}

test('the oldest scheduled snapshots beyond those to keep are deleted, one at a time', async () => {
  const vm = await aVmThatKeeps(2)
  const [oldest, second] = await taken(vm, scheduled, scheduled, scheduled, scheduled)
  for (const expected of [oldest, second]) {
    expect(await deleteSurplusSnapshots(deps, now)).toEqual([expected?.id])
    expect(await deleteSurplusSnapshots(deps, now)).toEqual([])
    const [operation] = await db.drizzle.select().from(operations).where(eq(operations.status, 'queued'))
    expect(operation).toMatchObject({
      kind: 'snapshot.delete',
      actor: 'schedule',
      nodeId: vm.nodeId,
      input: { vmId: vm.id, snapshotId: expected?.id },
    })
    expect((await statesOf(vm)).filter((state) => state === 'DELETING')).toHaveLength(1)
    await endDeletion(vm, 'succeeded')
  }
  expect(await deleteSurplusSnapshots(deps, now)).toEqual([])
  expect(await statesOf(vm)).toEqual(['READY', 'READY'])
})

test('a snapshot that a user made, or a revert, is never deleted, and does not count', async () => {
  const vm = await aVmThatKeeps(1)
  await taken(vm, {}, { origin: 'revert' }, {}, scheduled, {}, { origin: 'revert' })
  expect(await deleteSurplusSnapshots(deps, now)).toEqual([])
  const [, , , , , , surplus] = await taken(vm, {}, {}, {}, {}, {}, {}, scheduled)
  expect(await deleteSurplusSnapshots(deps, now)).not.toContain(surplus?.id)
  await endDeletion(vm, 'succeeded')
  expect(await deleteSurplusSnapshots(deps, now)).toEqual([])
  const left = await db.drizzle.select().from(snapshots).where(eq(snapshots.vmId, vm.id))
  expect(left.filter(({ origin }) => origin === 'schedule').map(({ id }) => id)).toEqual([surplus?.id])
  expect(left).toHaveLength(12)
})

test('one that is only being taken does not push out one that is there', async () => {
  const vm = await aVmThatKeeps(1)
  await taken(vm, scheduled, { ...scheduled, state: 'CREATING', disks: null })
  expect(await deleteSurplusSnapshots(deps, now)).toEqual([])
})

test.each<[string, Partial<VmRow>]>([
  ['without a schedule', { snapshotSchedule: null }],
  ['whose state is not known', { state: 'UNKNOWN' }],
  ['whose disks disagree', { diskProblem: { reason: 'DISKS_OUT_OF_STEP', message: 'm' } }],
])('nothing of a VM %s is deleted', async (_, vm) => {
  const kept = await aVmThatKeeps(1, vm)
  await taken(kept, scheduled, scheduled)
  expect(await deleteSurplusSnapshots(deps, now)).toEqual([])
  expect(await statesOf(kept)).toEqual(['READY', 'READY'])
})

test('a VM that is busy is left alone until it is free', async () => {
  const vm = await aVmThatKeeps(1)
  const [oldest] = await taken(vm, scheduled, scheduled)
  const { id } = await anOperation(db, vm, 'vm.stop')
  expect(await deleteSurplusSnapshots(deps, now)).toEqual([])
  await db.sql`update operations set status = 'succeeded' where id = ${id}`
  expect(await deleteSurplusSnapshots(deps, now)).toEqual([oldest?.id])
  await endDeletion(vm, 'succeeded')
})

test('of many controllers at the same moment, one deletes it', async () => {
  const many = await Promise.all(Array.from({ length: 5 }, () => aVmThatKeeps(1)))
  for (const vm of many) await taken(vm, scheduled, scheduled, scheduled)
  const begun = await Promise.all(Array.from({ length: 8 }, () => deleteSurplusSnapshots(deps, now)))
  expect(begun.flat()).toHaveLength(many.length)
  for (const vm of many) expect(await statesOf(vm)).toEqual(['DELETING', 'READY', 'READY'])
  for (const vm of many) await db.sql`delete from vms where id = ${vm.id}`
})

test('a deletion that failed is tried again, but not at once, and holds up no other', async () => {
  const vm = await aVmThatKeeps(1)
  const [oldest, second] = await taken(vm, scheduled, scheduled, scheduled)
  expect(await deleteSurplusSnapshots(deps, now)).toEqual([oldest?.id])
  await endDeletion(vm, 'failed')
  expect(await deleteSurplusSnapshots(deps, now)).toEqual([second?.id])
  await endDeletion(vm, 'succeeded')
  const soon = new Date(now.getTime() + 9 * 60_000)
  expect(await deleteSurplusSnapshots(deps, soon)).toEqual([])
  const later = new Date(now.getTime() + 11 * 60_000)
  expect(await deleteSurplusSnapshots(deps, later)).toEqual([oldest?.id])
  await endDeletion(vm, 'succeeded')
})

test('of scheduled snapshots that were never taken, as many stay listed as the schedule keeps', async () => {
  const vm = await aVmThatKeeps(2)
  const refused = { ...scheduled, state: 'FAILED', error, disks: null } as const
  const [, , third, fourth] = await taken(vm, refused, refused, refused, refused)
  const [ofUser] = await taken(vm, { state: 'FAILED', error, disks: null })
  await deleteSurplusSnapshots(deps, now)
  const left = await db.drizzle.select({ id: snapshots.id }).from(snapshots).where(eq(snapshots.vmId, vm.id))
  expect(left.map(({ id }) => id).sort()).toEqual([third?.id, fourth?.id, ofUser?.id].sort())
})
