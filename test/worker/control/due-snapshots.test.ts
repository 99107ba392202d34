import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { beforeEach, expect, test } from 'vitest'
import { operations } from '#db/schema/operation.ts'
import { type SnapshotRow, snapshots } from '#db/schema/snapshot.ts'
import type { SnapshotSchedule, VmRow } from '#db/schema/vm.ts'
import { aNode, anOperation, aSnapshot, aVm, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { takeDueSnapshots } from '#worker/control/due-snapshots.ts'

const db = await createTestDatabase()
const rung: string[] = []
const doorbell = { ring: async ({ id }: { id: string }) => void rung.push(id) }
const deps = { db, doorbell, log: pino({ level: 'silent' }), maxSnapshots: 3 }

const dueAt = new Date('2026-11-20T21:00:00.000Z')
const later = (minutes: number) => new Date(dueAt.getTime() + minutes * 60_000)

beforeEach(() => db.sql`update vms set next_snapshot_at = null`)

/** A VM with an hourly schedule, whose next snapshot is due at 21:00. */
async function aScheduledVm(vm: Partial<VmRow> = {}, schedule: Partial<SnapshotSchedule> = {}): Promise<VmRow> {
  const { nodeId } = await aNode(db)
  const snapshotSchedule = { cron: '0 * * * *', includeMemory: false, quiesce: false, keep: 2, ...schedule }
  return aVm(db, nodeId, { state: 'RUNNING', snapshotSchedule, nextSnapshotAt: dueAt, ...vm })
}

const snapshotsOf = (vm: VmRow): Promise<SnapshotRow[]> =>
  db.drizzle.select().from(snapshots).where(eq(snapshots.vmId, vm.id))

const operationsOf = (vm: VmRow) => db.drizzle.select().from(operations).where(eq(operations.vmId, vm.id))

const nextOf = async (vm: VmRow) => (await readVm(db, vm.id))?.nextSnapshotAt

test('a snapshot that is due is recorded as a request for it would be, and rung for', async () => {
  const vm = await aScheduledVm({}, { includeMemory: true })
  await takeDueSnapshots(deps, later(0))
  const [snapshot, ...others] = await snapshotsOf(vm)
  expect(others).toEqual([])
  expect(snapshot).toMatchObject({
    name: 'scheduled-2026-11-20T21:00Z',
    state: 'CREATING',
    origin: 'schedule',
    includeMemory: true,
    quiesce: false,
    error: null,
  })
  const [operation, ...more] = await operationsOf(vm)
  expect(more).toEqual([])
  expect(operation).toMatchObject({
    kind: 'snapshot.create',
    actor: 'schedule',
    status: 'queued',
    nodeId: vm.nodeId,
    input: { vmId: vm.id, snapshotId: snapshot?.id },
  })
  expect(rung).toContain(operation?.id)
  expect(await nextOf(vm)).toEqual(later(60))
})

test('one that freezes the guest takes what it gets when the guest cannot', async () => {
  const vm = await aScheduledVm({ guestAgentConnected: false }, { quiesce: true })
  await takeDueSnapshots(deps, later(0))
  expect(await snapshotsOf(vm)).toMatchObject([{ state: 'CREATING', quiesce: true, quiescePolicy: 'prefer' }])
})

test('none is recorded before it is due, nor without a schedule', async () => {
  const early = await aScheduledVm()
  const unscheduled = await aScheduledVm({ snapshotSchedule: null })
  await takeDueSnapshots(deps, new Date(dueAt.getTime() - 1))
  expect(await snapshotsOf(early)).toEqual([])
  await takeDueSnapshots(deps, later(0))
  expect(await snapshotsOf(early)).toHaveLength(1)
  expect(await snapshotsOf(unscheduled)).toEqual([])
})

test('a controller that comes late takes one snapshot, not all that were missed', async () => {
  const vm = await aScheduledVm()
  await takeDueSnapshots(deps, later(60 * 24 + 5))
  await takeDueSnapshots(deps, later(60 * 24 + 6))
  expect(await snapshotsOf(vm)).toHaveLength(1)
  expect(await nextOf(vm)).toEqual(later(60 * 25))
})

test('of many controllers at the same moment, one takes it', async () => {
  const many = await Promise.all(Array.from({ length: 10 }, () => aScheduledVm()))
  await Promise.all(Array.from({ length: 8 }, () => takeDueSnapshots(deps, later(0))))
  for (const vm of many) {
    expect(await snapshotsOf(vm)).toMatchObject([{ state: 'CREATING' }])
    expect(await operationsOf(vm)).toHaveLength(1)
    expect(await nextOf(vm)).toEqual(later(60))
  }
})

test('a VM that is busy is waited for, and its snapshot taken when it is free', async () => {
  const vm = await aScheduledVm()
  const { id } = await anOperation(db, vm, 'snapshot.create')
  await takeDueSnapshots(deps, later(0))
  await takeDueSnapshots(deps, later(59))
  expect(await snapshotsOf(vm)).toEqual([])
  expect(await nextOf(vm)).toEqual(dueAt)
  await db.sql`update operations set status = 'succeeded' where id = ${id}`
  await takeDueSnapshots(deps, later(59))
  expect(await snapshotsOf(vm)).toMatchObject([{ state: 'CREATING', name: 'scheduled-2026-11-20T21:00Z' }])
  expect(await nextOf(vm)).toEqual(later(60))
})

const blockedCpu = { mode: 'host-passthrough', migratable: 'off', invtscPolicy: null, tscFrequencyHz: null } as const

const refusals: [what: string, reason: string, vm: Partial<VmRow>, schedule: Partial<SnapshotSchedule>][] = [
  ['whose CPU forbids it', 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU', { effectiveCpu: blockedCpu }, { includeMemory: true }],
  ['whose node does not know it', 'WRONG_VM_STATE', { state: 'UNKNOWN' }, {}],
  ['whose disks disagree', 'DISKS_OUT_OF_STEP', { diskProblem: { reason: 'DISKS_OUT_OF_STEP', message: 'm' } }, {}],
]

test.each(refusals)(
  'a snapshot of a VM %s is listed as failed, with the reason %s',
  async (_, reason, vm, schedule) => {
    const scheduled = await aScheduledVm(vm, schedule)
    await takeDueSnapshots(deps, later(0))
    expect(await snapshotsOf(scheduled)).toMatchObject([
      { state: 'FAILED', origin: 'schedule', error: { reason, message: expect.any(String) } },
    ])
    expect(await operationsOf(scheduled)).toEqual([])
    expect(await nextOf(scheduled)).toEqual(later(60))
  },
)

test('a snapshot of a VM that was busy until the next one was due is listed as failed, with the reason', async () => {
  const vm = await aScheduledVm()
  await anOperation(db, vm, 'vm.stop')
  await takeDueSnapshots(deps, later(60))
  expect(await snapshotsOf(vm)).toMatchObject([{ state: 'FAILED', error: { reason: 'OPERATION_IN_PROGRESS' } }])
  expect(await nextOf(vm)).toEqual(later(120))
})

test('a snapshot beyond the most that a VM may have is listed as failed; those that failed do not count', async () => {
  const vm = await aScheduledVm()
  for (const state of ['READY', 'READY', 'FAILED'] as const) await aSnapshot(db, vm.id, { state })
  await takeDueSnapshots(deps, later(0))
  await db.sql`update operations set status = 'succeeded'`
  await takeDueSnapshots(deps, later(60))
  const taken = (await snapshotsOf(vm)).filter(({ origin }) => origin === 'schedule')
  expect(taken.map(({ state, error }) => [state, error?.reason])).toEqual([
    ['CREATING', undefined],
    ['FAILED', 'TOO_MANY_SNAPSHOTS'],
  ])
})

test("a name that a user's snapshot has is not taken from it", async () => {
  const vm = await aScheduledVm()
  const name = 'scheduled-2026-11-20T21:00Z'
  await aSnapshot(db, vm.id, { name, state: 'READY' })
  await takeDueSnapshots(deps, later(0))
  expect((await snapshotsOf(vm)).filter(({ origin }) => origin === 'schedule')).toMatchObject([
    { name, state: 'FAILED', error: { reason: 'SNAPSHOT_NAME_TAKEN' } },
  ])
  expect(await nextOf(vm)).toEqual(later(60))
})

test('a doorbell that does not ring stops no other snapshot', async () => {
  const many = [await aScheduledVm(), await aScheduledVm()]
  const broken = { ring: () => Promise.reject(new Error('away')) }
  await takeDueSnapshots({ ...deps, doorbell: broken }, later(0))
  for (const vm of many) expect(await snapshotsOf(vm)).toMatchObject([{ state: 'CREATING' }])
})

test('a VM whose row is damaged stops no other snapshot', async () => {
  await aScheduledVm({ nextSnapshotAt: later(-1) }, { cron: 'nonsense' })
  const vm = await aScheduledVm()
  await takeDueSnapshots(deps, later(0))
  expect(await snapshotsOf(vm)).toMatchObject([{ state: 'CREATING' }])
})

test('a VM with a schedule that changed meanwhile is left to the next sweep', async () => {
  const vm = await aScheduledVm()
  const changed = later(30)
  await db.sql.begin(async (holder) => {
    await holder`select from vms where id = ${vm.id} for update`
    await takeDueSnapshots(deps, later(0))
    await holder`update vms set next_snapshot_at = ${changed.toISOString()} where id = ${vm.id}`
  })
  await takeDueSnapshots(deps, later(1))
  expect(await snapshotsOf(vm)).toEqual([])
  expect(await nextOf(vm)).toEqual(changed)
})
