import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { registerNode } from '#db/nodes.ts'
import { vms } from '#db/schema/vm.ts'
import { aNode, anOperation, readVm } from '#test/db/rows.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { aSpec, definitionOf } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { createObserver } from '#worker/node/observer.ts'
import { aNodeWithVm, db, log, tellingOf } from './an-observed-vm.ts'

test('a VM that stopped unasked is shown as stopped, and says so', async () => {
  const { vm, hypervisor, observer } = await aNodeWithVm({ state: 'RUNNING', startedAt: new Date() })
  hypervisor.changeUnasked(vm.id, 'STOPPED')
  await observer.check(vm.id)
  expect(await readVm(db, vm.id)).toMatchObject({
    state: 'STOPPED',
    message: expect.stringContaining('without having been asked'),
    startedAt: null,
    effectiveCpu: null,
  })
})

test('a VM that was started past us is shown as running, with the CPU that runs', async () => {
  const { vm, hypervisor, observer } = await aNodeWithVm({ state: 'STOPPED' })
  hypervisor.changeUnasked(vm.id, 'RUNNING')
  await observer.checkAll()
  const row = await readVm(db, vm.id)
  expect(row).toMatchObject({ state: 'RUNNING', message: '', effectiveCpu: { mode: 'custom' } })
  expect(row?.startedAt).toBeInstanceOf(Date)
})

test('a VM that was undefined past us is unknown, and known again when it is back', async () => {
  const { vm, hypervisor, observer } = await aNodeWithVm({ state: 'STOPPED' })
  hypervisor.changeUnasked(vm.id, 'undefined')
  await observer.checkAll()
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'UNKNOWN', message: expect.stringContaining('does not have') })
  await hypervisor.defineVm(definitionOf(vm))
  await observer.checkAll()
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'STOPPED' })
})

test('nothing is written when nothing has changed', async () => {
  const { vm, observer } = await aNodeWithVm({ state: 'RUNNING' })
  await observer.checkAll()
  const agreed = await readVm(db, vm.id)
  await observer.checkAll()
  await observer.check(vm.id)
  expect(await readVm(db, vm.id)).toEqual(agreed)
  expect(await tellingOf(vm.id)).toEqual([])
})

test('a guest agent that comes or goes is shown, and nothing else changes', async () => {
  const { vm, observer } = await aNodeWithVm({ state: 'RUNNING' })
  await observer.checkAll()
  const agreed = await readVm(db, vm.id)
  await db.drizzle.update(vms).set({ guestAgentConnected: false }).where(eq(vms.id, vm.id))
  await observer.check(vm.id)
  const row = await readVm(db, vm.id)
  expect(row).toEqual({ ...agreed, updatedAt: row?.updatedAt })
  expect(await tellingOf(vm.id)).toEqual([])
})

test('while an operation is at work its VM is left to it; the change is seen when it has ended', async () => {
  const { vm, hypervisor, observer } = await aNodeWithVm({ state: 'RUNNING' })
  const { id } = await anOperation(db, vm, 'snapshot.create')
  hypervisor.changeUnasked(vm.id, 'STOPPED')
  await observer.check(vm.id)
  expect(await readVm(db, vm.id)).toEqual(vm)
  await db.sql`update operations set status = 'succeeded' where id = ${id}`
  await observer.operationEnded(vm.id)
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'STOPPED' })
})

test('an observation that is older than the row is not written', async () => {
  let interfere = async () => {}
  const { vm, hypervisor, observer } = await aNodeWithVm({ state: 'RUNNING' })
  const observeVms = hypervisor.observeVms.bind(hypervisor)
  hypervisor.observeVms = async () => {
    const observed = await observeVms()
    await interfere()
    return observed
  }
  hypervisor.changeUnasked(vm.id, 'STOPPED')
  // While the observation is on its way, an operation starts the VM again and ends.
  interfere = async () => {
    await db.sql`update vms set state = 'RUNNING', message = 'newer' where id = ${vm.id}`
  }
  await observer.checkAll()
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: 'newer' })
})

test('a worker whose node was taken over corrects nothing', async () => {
  const { vm, nodeId, hypervisor, observer } = await aNodeWithVm({ state: 'RUNNING' })
  await registerNode(db, nodeId, someNodeFacts())
  hypervisor.changeUnasked(vm.id, 'STOPPED')
  await observer.checkAll()
  expect(await readVm(db, vm.id)).toEqual(vm)
})

test('of 1,000 VMs each that changed is corrected, and the node is asked once', async () => {
  const claimant = await aNode(db)
  const calls: string[] = []
  const hypervisor = createSimulatedHypervisor({ onCall: (call, moment) => moment === 'before' && calls.push(call) })
  const values = Array.from({ length: 1000 }, () => {
    const id = randomUUID()
    return { id, name: `vm-${id}`, nodeId: claimant.nodeId, spec: aSpec(), state: 'STOPPED' as const }
  })
  const rows = await db.drizzle.insert(vms).values(values).returning()
  for (const row of rows) await hypervisor.defineVm(definitionOf(row))
  for (const { id } of rows.slice(0, 500)) hypervisor.changeUnasked(id, 'RUNNING', 'started')
  for (const { id } of rows.slice(500, 600)) hypervisor.changeUnasked(id, 'undefined')
  calls.length = 0
  await createObserver({ db, hypervisor, claimant, log }).checkAll()
  expect(calls).toEqual(['observeVms'])
  const found = await db.drizzle.select().from(vms).where(eq(vms.nodeId, claimant.nodeId))
  const counts = Object.groupBy(found, ({ state }) => state)
  expect([counts.RUNNING?.length, counts.UNKNOWN?.length, counts.STOPPED?.length]).toEqual([500, 100, 400])
})
