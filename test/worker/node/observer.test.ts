import { asc, eq } from 'drizzle-orm'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { registerNode } from '#db/nodes.ts'
import { events } from '#db/schema/event.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { aNode, anOperation, aVm, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { definitionOf } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import type { SimulatedOptions } from '#worker/hypervisor/simulated/options.ts'
import { createObserver } from '#worker/node/observer.ts'

const db = await createTestDatabase()

async function aNodeWithVm(vm: Partial<VmRow>, options: SimulatedOptions = {}) {
  const claimant = await aNode(db)
  const row = await aVm(db, claimant.nodeId, vm)
  const hypervisor = createSimulatedHypervisor(options)
  await hypervisor.defineVm(definitionOf(row))
  if (vm.state === 'RUNNING') await hypervisor.startVm(row.id)
  const observer = createObserver({ db, hypervisor, claimant, log: pino({ level: 'silent' }) })
  return { ...claimant, vm: row, hypervisor, observer }
}

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
  const { vm, observer } = await aNodeWithVm({ state: 'RUNNING', guestAgentConnected: true })
  await observer.checkAll()
  await observer.check(vm.id)
  expect(await readVm(db, vm.id)).toEqual(vm)
})

test('a guest agent that comes or goes is shown, and nothing else changes', async () => {
  const { vm, observer } = await aNodeWithVm({ state: 'RUNNING', guestAgentConnected: false })
  await observer.check(vm.id)
  const row = await readVm(db, vm.id)
  expect(row).toEqual({ ...vm, guestAgentConnected: true, updatedAt: row?.updatedAt })
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
  const observeVm = hypervisor.observeVm.bind(hypervisor)
  hypervisor.observeVm = async (vmId) => {
    const observed = await observeVm(vmId)
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

const tellingOf = async (vmId: string) =>
  db.drizzle.select().from(events).where(eq(events.vmId, vmId)).orderBy(asc(events.id))

test.each([
  ['shutdown', 'STOPPED', 'guest', 'info', 'The guest shut down.'],
  ['crashed', 'STOPPED', 'node', 'error', 'It crashed: '],
  ['destroyed', 'STOPPED', 'node', 'warning', 'Its power was taken away on its node'],
  ['paused', 'PAUSED', 'node', 'info', 'It was paused on its node'],
  ['io-error', 'PAUSED', 'node', 'error', 'could not be read or written'],
] as const)('a VM that was %s says so in its status and its history', async (reason, state, actor, severity, text) => {
  const { vm, hypervisor, observer } = await aNodeWithVm({ state: 'RUNNING', guestAgentConnected: true })
  hypervisor.changeUnasked(vm.id, state, reason)
  await observer.check(vm.id)
  const message = expect.stringContaining(text)
  expect(await readVm(db, vm.id)).toMatchObject({ state, message })
  expect(await tellingOf(vm.id)).toMatchObject([
    { type: 'vm.state-changed', actor, severity, message, details: { from: 'RUNNING', to: state, reason } },
  ])
})

test('what we may have done ourselves is not laid to others when a VM is found again', async () => {
  const { vm, hypervisor, observer } = await aNodeWithVm({ state: 'UNKNOWN' })
  hypervisor.changeUnasked(vm.id, 'RUNNING', 'started')
  await observer.check(vm.id)
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: '' })
  expect(await tellingOf(vm.id)).toMatchObject([{ message: 'UNKNOWN → RUNNING', severity: 'info' }])
})

test('a VM that is undefined past us says what to do', async () => {
  const { vm, hypervisor, observer } = await aNodeWithVm({ state: 'STOPPED' })
  hypervisor.changeUnasked(vm.id, 'undefined')
  await observer.check(vm.id)
  expect(await tellingOf(vm.id)).toMatchObject([
    {
      severity: 'error',
      message: expect.stringContaining('Define it there again, or delete the VM.'),
      details: { reason: 'undefined' },
    },
  ])
})
