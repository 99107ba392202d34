import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { findNode, heartbeat, registerNode } from '#db/nodes.ts'
import { findSettledVms, recordCorrections } from '#db/observed-state.ts'
import { events } from '#db/schema/event.ts'
import { markSilentNodes } from '#db/silent-nodes.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { eventually } from './eventually.ts'
import { aNode, anOperation, aVm, readVm } from './rows.ts'

const db = await createTestDatabase()
/** A server that has just started gives its nodes their time; the one of these tests may be so young. */
const sweep = () => markSilentNodes(db, 1)
await eventually(async () => {
  const [server] = await db.sql`select pg_postmaster_start_time() < now() - interval '1 second' as ready`
  return server?.ready
})

async function aSilentNode(seconds = 31) {
  const node = await aNode(db, { name: 'far' })
  await db.sql`update nodes set last_seen_at = now() - ${seconds} * interval '1 second' where id = ${node.nodeId}`
  return node
}

const beat = ({ nodeId, epoch }: { nodeId: string; epoch: number }) =>
  heartbeat(db, { id: nodeId, epoch, storageFreeBytes: null })

test('the VMs of a node that is silent are unknown, and say since when; what was known of them stays', async () => {
  const node = await aSilentNode()
  const startedAt = new Date('2026-11-20T18:06:00.000Z')
  const vms = await Promise.all(
    (['STOPPED', 'RUNNING', 'PAUSED'] as const).map((state) => aVm(db, node.nodeId, { state, startedAt })),
  )
  expect(await sweep()).toEqual([{ id: node.nodeId }])
  const lastSeenAt = (await findNode(db, node.nodeId))?.lastSeenAt
  expect((await findNode(db, node.nodeId))?.silentSince).toEqual(lastSeenAt)
  const since = lastSeenAt?.toISOString().slice(0, 19).replace('T', ' ')
  for (const { id, state } of vms) {
    const message = `Node far has not answered since ${since} UTC.`
    expect(await readVm(db, id)).toMatchObject({ state: 'UNKNOWN', message, startedAt })
    const told = await db.drizzle.select().from(events).where(eq(events.vmId, id))
    expect(told).toMatchObject([
      { actor: 'system', severity: 'warning', details: { from: state, to: 'UNKNOWN', reason: 'node-silent' } },
    ])
  }
})

test('a node that answers is left alone, and so is one that was silent for less than 30 s', async () => {
  const [answering, late] = [await aNode(db), await aSilentNode(25)]
  const vms = await Promise.all([answering, late].map(({ nodeId }) => aVm(db, nodeId, { state: 'RUNNING' })))
  expect(await markSilentNodes(db)).toEqual([])
  for (const vm of vms) expect(await readVm(db, vm.id)).toEqual(vm)
})

test('a VM that is worked on, gone or broken keeps its state, and says what it waits for', async () => {
  const node = await aSilentNode()
  const starting = await aVm(db, node.nodeId, { state: 'STARTING' })
  const snapshotted = await aVm(db, node.nodeId, { state: 'RUNNING' })
  await anOperation(db, starting, 'vm.start')
  await anOperation(db, snapshotted, 'snapshot.create')
  const failed = await aVm(db, node.nodeId, { state: 'FAILED', message: 'no room' })
  await sweep()
  for (const { id, state } of [starting, snapshotted]) {
    expect(await readVm(db, id)).toMatchObject({
      state,
      message: expect.stringContaining('what was asked for is done as soon as it is back.'),
    })
  }
  expect(await readVm(db, failed.id)).toEqual(failed)
})

test.each([
  ['a heartbeat', beat],
  ['a new worker', ({ nodeId }: { nodeId: string }) => registerNode(db, nodeId, someNodeFacts())],
])('%s ends the silence, and its worker puts the truth in', async (_, answer) => {
  const node = await aSilentNode()
  const vm = await aVm(db, node.nodeId, { state: 'RUNNING' })
  await sweep()
  await answer(node)
  const found = await findNode(db, node.nodeId)
  expect(found?.silentSince).toBeNull()
  expect(await sweep()).toEqual([])
  const [before] = await findSettledVms(db, node.nodeId, vm.id)
  if (!before || !found) throw new Error('the VM is not compared')
  const now = { ...before, state: 'RUNNING', message: '' } as const
  expect(await recordCorrections(db, { nodeId: found.id, epoch: found.epoch }, [{ before, now, cause: null }])).toEqual(
    [vm.id],
  )
})

test('a heartbeat that comes while a sweep runs ends the silence after it, and one before it prevents it', async () => {
  const node = await aSilentNode()
  const vm = await aVm(db, node.nodeId, { state: 'RUNNING' })
  const sweeping = await db.sql.begin(async (holder) => {
    // The heartbeat is written and not yet committed: the sweep has to wait, and to look again.
    await holder`update nodes set last_seen_at = now() where id = ${node.nodeId}`
    const swept = sweep()
    await eventually(async () => {
      const [row] = await db.sql`select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      return row?.n === 1
    })
    return { swept }
  })
  expect(await sweeping.swept).toEqual([])
  expect(await readVm(db, vm.id)).toEqual(vm)
})

test('of many controllers at the same moment, one finds a node silent, and each VM is told of once', async () => {
  const node = await aSilentNode()
  const vm = await aVm(db, node.nodeId, { state: 'RUNNING' })
  const found = await Promise.all(Array.from({ length: 8 }, () => sweep()))
  expect(found.flat()).toEqual([{ id: node.nodeId }])
  expect(await db.drizzle.$count(events, eq(events.vmId, vm.id))).toBe(1)
})
