import { eq } from 'drizzle-orm'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { operations } from '#db/schema/operation.ts'
import { eventually } from '#test/db/eventually.ts'
import { aNode, anOperation, aSnapshot, aVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { runController } from '#worker/control/controller.ts'

const db = await createTestDatabase()

test('a controller that starts takes what is due, deletes what is surplus, and rings for what waits', async ({
  onTestFinished,
}) => {
  const { nodeId } = await aNode(db)
  const snapshotSchedule = { cron: '0 * * * *', includeMemory: false, quiesce: false, keep: 1 }
  const due = await aVm(db, nodeId, { state: 'STOPPED', snapshotSchedule, nextSnapshotAt: new Date(Date.now() - 1000) })
  const full = await aVm(db, nodeId, { state: 'STOPPED', snapshotSchedule })
  for (let n = 0; n < 2; n++) await aSnapshot(db, full.id, { origin: 'schedule', state: 'READY' })
  const waiting = await aVm(db, nodeId, { state: 'STARTING' })
  await anOperation(db, waiting, 'vm.start', { notBefore: new Date(Date.now() - 10_000) })

  const rung: string[] = []
  const doorbell = {
    ring: async ({ id }: { id: string }) => void rung.push(id),
    check: async () => {},
    close: async () => {},
  }
  const stopping = new AbortController()
  const deps = { db, doorbell, log: pino({ level: 'silent' }), maxSnapshots: 32, eventRetentionDays: 90 }
  const controlled = runController(deps, stopping.signal)
  onTestFinished(async () => {
    stopping.abort()
    await controlled
  })
  for (const [vm, kind] of [
    [due, 'snapshot.create'],
    [full, 'snapshot.delete'],
    [waiting, 'vm.start'],
  ] as const) {
    await eventually(async () => {
      const [operation] = await db.drizzle.select().from(operations).where(eq(operations.vmId, vm.id))
      return operation?.kind === kind && rung.includes(operation.id)
    })
  }
  expect(rung).toHaveLength(3)
})
