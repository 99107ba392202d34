import { pino } from 'pino'
import { expect, test } from 'vitest'
import { registerNode } from '#db/nodes.ts'
import { storagePools } from '#db/schema/storage-pool.ts'
import { volumes } from '#db/schema/volume.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { aStorageWorld, db } from '#test/worker/operations/storage-world.ts'
import { createStorageReport } from '#worker/node/storage-report.ts'

const never = new AbortController().signal
const source = { type: 'local-dir', path: '/srv/theirs' } as const
const theirs = { poolId: 'theirs', volumeId: 'disk', sizeBytes: 2 ** 30, source: { type: 'empty' } } as const

async function aNodeThatReports() {
  const world = await aStorageWorld()
  const { hypervisor, node } = world
  return {
    ...world,
    report: createStorageReport({ db, hypervisor, claimant: node, log: pino({ level: 'silent' }) }),
    async makeTheirs() {
      await hypervisor.initStoragePool({ poolId: 'theirs', source, secret: null })
      await hypervisor.createVolume(theirs, never)
    },
  }
}

test('what others made is written down once it was seen twice, and is gone when it is gone', async () => {
  const { report, hypervisor, makeTheirs, poolRows, volumeRows } = await aNodeThatReports()
  await makeTheirs()
  await report.look()
  expect(await poolRows()).toEqual([])
  await report.look()
  // A volume needs the row of its pool.
  await report.look()
  expect(await poolRows()).toMatchObject([{ name: 'theirs', state: 'READY', active: true, source }])
  expect(await volumeRows()).toMatchObject([{ name: 'disk', sizeBytes: 2 ** 30, format: 'qcow2' }])
  await hypervisor.deleteVolume(theirs)
  await report.look()
  expect(await volumeRows()).toEqual([])
  await hypervisor.destroyStoragePool('theirs')
  await report.look()
  expect(await poolRows()).toEqual([])
})

test('sizes, users and problems are what the node says, and rows keep their ids', async () => {
  const { report, hypervisor, aPool, aVolume, poolRows, volumeRows } = await aNodeThatReports()
  const pool = await aPool()
  const volume = await aVolume('data')
  const vmId = '019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11'
  hypervisor.changeVolumeUser({ poolId: 'fast', volumeId: 'data' }, vmId)
  await hypervisor.resizeVolume({ poolId: 'fast', volumeId: 'data' }, 3 * 2 ** 30)
  await report.look()
  expect(await volumeRows()).toMatchObject([{ id: volume.id, vmId, sizeBytes: 3 * 2 ** 30 }])
  hypervisor.changePoolProblem('fast', 'The server is gone.')
  await report.look()
  expect(await poolRows()).toMatchObject([{ id: pool.id, active: false, problem: 'The server is gone.' }])
  // What it holds is not to be seen now, and not lost.
  expect(await volumeRows()).toMatchObject([{ id: volume.id }])
})

test('what an operation is at work on is left to it', async () => {
  const { report, hypervisor, aPool, beginPoolDelete, poolRows } = await aNodeThatReports()
  const pool = await aPool()
  await beginPoolDelete(pool)
  await hypervisor.destroyStoragePool('fast')
  await report.look()
  expect(await poolRows()).toMatchObject([{ state: 'DELETING' }])
})

test('a worker whose node another one has writes nothing and removes nothing', async () => {
  const { report, node, hypervisor, aPool, aVolume, makeTheirs, poolRows } = await aNodeThatReports()
  await aPool()
  await aVolume('data')
  await registerNode(db, node.nodeId, someNodeFacts())
  await makeTheirs()
  await hypervisor.deleteVolume({ poolId: 'fast', volumeId: 'data' })
  const before = [await db.drizzle.select().from(storagePools), await db.drizzle.select().from(volumes)]
  await report.look()
  await report.look()
  expect([await db.drizzle.select().from(storagePools), await db.drizzle.select().from(volumes)]).toEqual(before)
  expect(await poolRows()).toMatchObject([{ name: 'fast' }])
})
