import { pino } from 'pino'
import { expect, test } from 'vitest'
import { registerNode } from '#db/nodes.ts'
import { vmUsage } from '#db/schema/vm-usage.ts'
import { aNode, anOperation, aVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { definitionOf } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { createObserver } from '#worker/node/observer.ts'
import { createUsageSamples } from '#worker/node/usage-samples.ts'

const db = await createTestDatabase()

/** A node of so many running VMs, as its rows say. */
async function aNodeWithVms(count: number) {
  const claimant = await aNode(db)
  const asked: string[][] = []
  const hypervisor = createSimulatedHypervisor()
  const vms = await Promise.all(Array.from({ length: count }, () => aVm(db, claimant.nodeId, { state: 'RUNNING' })))
  for (const vm of vms) {
    await hypervisor.defineVm(definitionOf(vm))
    await hypervisor.startVm(vm.id)
  }
  const observer = createObserver({ db, hypervisor, claimant, log: pino({ level: 'silent' }) })
  await observer.checkAll()
  const measureVms = (vmIds: readonly string[]) => {
    asked.push([...vmIds])
    return hypervisor.measureVms(vmIds)
  }
  const samples = createUsageSamples({ db, hypervisor: { measureVms }, claimant })
  const rows = async () => (await db.drizzle.select().from(vmUsage)).filter(({ nodeId }) => nodeId === claimant.nodeId)
  return { claimant, vms, hypervisor, observer, samples, rows, asked }
}

test('what all running VMs of a node use is asked for at once, and has its rates with the second sample', async () => {
  const { vms, samples, rows, asked } = await aNodeWithVms(3)
  await samples.take()
  const first = await rows()
  expect(first.map(({ vmId }) => vmId).sort()).toEqual(vms.map(({ id }) => id).sort())
  for (const { usage } of first) expect(usage.cpu.percent).toBeNull()
  await samples.take()
  for (const { usage } of await rows()) expect(usage).toMatchObject({ cpu: { percent: 0 }, disks: [{ readIops: 0 }] })
  expect(asked.map((ids) => ids.length)).toEqual([3, 3])
})

test('a VM on which an operation is at work is not asked, and keeps its last sample', async () => {
  const { vms, samples, rows, asked } = await aNodeWithVms(2)
  await samples.take()
  const [busy, idle] = vms
  if (busy) await anOperation(db, busy, 'snapshot.create')
  await samples.take()
  expect(asked.at(-1)).toEqual([idle?.id])
  expect(await rows()).toHaveLength(2)
})

test('a VM that has stopped uses nothing any more', async () => {
  const { vms, hypervisor, observer, samples, rows } = await aNodeWithVms(2)
  await samples.take()
  hypervisor.changeUnasked(vms[0]?.id ?? '', 'STOPPED', 'shutdown')
  await observer.checkAll()
  await samples.take()
  expect((await rows()).map(({ vmId }) => vmId)).toEqual([vms[1]?.id])
})

test('a worker whose node was taken over writes nothing', async () => {
  const { claimant, samples, rows } = await aNodeWithVms(1)
  await registerNode(db, claimant.nodeId, someNodeFacts())
  await samples.take()
  expect(await rows()).toEqual([])
})

test('a sample costs no write-ahead log, and has room beside the one before', async () => {
  const tables = await db.sql`
    select relpersistence, reloptions from pg_class where relname in ('vm_usage', 'vm_guests') and relkind = 'r'`
  expect([...tables]).toEqual(Array(2).fill({ relpersistence: 'u', reloptions: '{fillfactor=45}' }))
})
