import { and, eq } from 'drizzle-orm'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { operations } from '#db/schema/operation.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import { anOperation, aSnapshot } from '#test/db/rows.ts'
import { aVmOnNode, db, perform } from '#test/worker/operations/harness.ts'
import { takeDueSnapshots } from '#worker/control/due-snapshots.ts'
import { deleteSurplusSnapshots } from '#worker/control/retention.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'

const deps = { db, doorbell: { ring: async () => {} }, log: pino({ level: 'silent' }), maxSnapshots: 32 }
const hourMs = 3_600_000
const start = new Date('2026-11-20T21:00:00.000Z')

test("after a day of hours, the newest scheduled snapshots are left, the user's own, and no file of another", async () => {
  const hypervisor = createSimulatedHypervisor({ shutdownMs: 1 })
  const snapshotSchedule = { cron: '0 * * * *', includeMemory: false, quiesce: false, keep: 3 }
  const vm = await aVmOnNode(hypervisor, 'RUNNING', { snapshotSchedule, nextSnapshotAt: start })
  /** Runs what is recorded for the VM, until nothing is. */
  async function work(): Promise<void> {
    const queued = and(eq(operations.vmId, vm.id), eq(operations.status, 'queued'))
    const [next] = await db.drizzle.select().from(operations).where(queued)
    if (!next) return
    expect((await perform(next, { hypervisor })).status).toBe('succeeded')
    await work()
  }
  for (let hour = 0; hour < 24; hour++) {
    const now = new Date(start.getTime() + hour * hourMs)
    await takeDueSnapshots(deps, now)
    await work()
    while ((await deleteSurplusSnapshots(deps, now)).length > 0) await work()
    if (hour === 5) {
      const { id } = await aSnapshot(db, vm.id, { name: 'mine', createdAt: now })
      await perform(await anOperation(db, vm, 'snapshot.create', { input: { snapshotId: id } }), { hypervisor })
    }
  }
  const left = await db.drizzle.select().from(snapshots).where(eq(snapshots.vmId, vm.id))
  expect(left.every(({ state }) => state === 'READY')).toBe(true)
  expect(left.map(({ name }) => name).sort()).toEqual([
    'mine',
    'scheduled-2026-11-21T18:00Z',
    'scheduled-2026-11-21T19:00Z',
    'scheduled-2026-11-21T20:00Z',
  ])
  const held = left.flatMap(({ disks }) => disks?.map(({ volume }) => volume) ?? [])
  expect(hypervisor.contents.files).toEqual(expect.arrayContaining(held))
  // One file for each snapshot, and the one that the VM writes to.
  expect(hypervisor.contents.files).toHaveLength(left.length + 1)
})
