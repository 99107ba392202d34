import { describe, expect, test } from 'vitest'
import { registerNode } from '#db/nodes.ts'
import { aNode, anOperation, aVm, readVm } from '#test/db/rows.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import { definitionOf } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { createObserver } from '#worker/node/observer.ts'
import { aNodeWithVm, db, log, tellingOf } from './an-observed-vm.ts'

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

describe('of what happened while nobody looked, and of which no event came,', () => {
  test('a VM that was switched off and on again is told, and runs since then', async () => {
    const startedAt = new Date('2026-11-20T18:06:00.000Z')
    const { vm, hypervisor, observer } = await aNodeWithVm({ state: 'RUNNING', startedAt })
    await observer.checkAll()
    expect(await readVm(db, vm.id)).toMatchObject({ startedAt, runId: expect.any(String) })
    hypervisor.changeUnasked(vm.id, 'STOPPED', 'destroyed')
    hypervisor.changeUnasked(vm.id, 'RUNNING', 'started')
    await observer.checkAll()
    const row = await readVm(db, vm.id)
    expect(row).toMatchObject({ state: 'RUNNING', message: expect.stringContaining('off and on again') })
    expect(row?.startedAt?.getTime()).toBeGreaterThan(startedAt.getTime())
    await observer.checkAll()
    expect(await tellingOf(vm.id)).toMatchObject([
      { type: 'vm.restarted', actor: 'node', severity: 'warning', details: { reason: 'restarted' } },
    ])
  })

  test('a VM that was undefined while it runs is told at once with the way out, and that it is defined again', async () => {
    const { vm, hypervisor, observer } = await aNodeWithVm({ state: 'RUNNING' })
    hypervisor.changeUnasked(vm.id, 'undefined')
    await observer.checkAll()
    const message = expect.stringContaining('virsh define')
    expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', definedOnNode: false, message })
    hypervisor.changeUnasked(vm.id, 'defined')
    await observer.checkAll()
    expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', definedOnNode: true })
    await observer.checkAll()
    expect(await tellingOf(vm.id)).toMatchObject([
      { type: 'vm.definition-changed', severity: 'error', message, details: { reason: 'undefined' } },
      { type: 'vm.definition-changed', severity: 'info', details: { reason: 'defined' } },
    ])
  })

  test('a VM that was undefined while it ran is gone when it has stopped', async () => {
    const { vm, hypervisor, observer } = await aNodeWithVm({ state: 'RUNNING' })
    hypervisor.changeUnasked(vm.id, 'undefined')
    await observer.checkAll()
    hypervisor.changeUnasked(vm.id, 'STOPPED', 'shutdown')
    await observer.checkAll()
    expect(await readVm(db, vm.id)).toMatchObject({ state: 'UNKNOWN', definedOnNode: false })
    expect((await tellingOf(vm.id)).at(-1)).toMatchObject({
      type: 'vm.state-changed',
      details: { from: 'RUNNING', to: 'UNKNOWN', reason: 'undefined' },
    })
  })

  test('a VM of which nobody knew, and which its node does not have, is told once', async () => {
    const { vm, hypervisor, observer } = await aNodeWithVm({ state: 'UNKNOWN', message: 'Node far is silent.' })
    hypervisor.changeUnasked(vm.id, 'undefined')
    await observer.checkAll()
    await observer.checkAll()
    expect(await readVm(db, vm.id)).toMatchObject({ definedOnNode: false, message: expect.stringContaining('delete') })
    expect(await tellingOf(vm.id)).toMatchObject([{ type: 'vm.definition-changed', details: { reason: 'undefined' } }])
  })

  test('each of many VMs gets the cause that is its own', async () => {
    const claimant = await aNode(db)
    const hypervisor = createSimulatedHypervisor()
    const rows = await Promise.all(Array.from({ length: 12 }, () => aVm(db, claimant.nodeId, { state: 'RUNNING' })))
    for (const row of rows) {
      await hypervisor.defineVm(definitionOf(row))
      await hypervisor.startVm(row.id)
    }
    const observer = createObserver({ db, hypervisor, claimant, log })
    await observer.checkAll()
    const changes = [
      ['STOPPED', 'shutdown', 'vm.state-changed'],
      ['STOPPED', 'crashed', 'vm.state-changed'],
      ['PAUSED', 'io-error', 'vm.state-changed'],
      ['undefined', null, 'vm.definition-changed'],
    ] as const
    const changeOf = (index: number) => changes[index % changes.length] as (typeof changes)[number]
    for (const [index, { id }] of rows.entries()) {
      const [state, reason] = changeOf(index)
      hypervisor.changeUnasked(id, state, reason)
    }
    await observer.checkAll()
    for (const [index, { id }] of rows.entries()) {
      const [state, reason, type] = changeOf(index)
      expect(await tellingOf(id)).toMatchObject([{ type, details: { reason: reason ?? state } }])
    }
  })
})

describe('a guest that begins anew', () => {
  test('by itself is told', async () => {
    const { vm, observer } = await aNodeWithVm({ state: 'RUNNING' })
    await observer.rebooted(vm.id)
    expect(await tellingOf(vm.id)).toMatchObject([{ type: 'vm.rebooted', actor: 'guest', severity: 'info' }])
  })

  test('because it was asked to is told by its operation alone, also when that has just ended', async () => {
    const { vm, observer } = await aNodeWithVm({ state: 'RUNNING' })
    const { id } = await anOperation(db, vm, 'vm.reboot')
    await observer.rebooted(vm.id)
    await db.sql`update operations set status = 'succeeded', finished_at = now() where id = ${id}`
    await observer.rebooted(vm.id)
    expect((await tellingOf(vm.id)).map(({ type }) => type)).toEqual(['operation.requested', 'operation.succeeded'])
  })

  test('on a node that was taken over is told by the worker that has it', async () => {
    const { vm, nodeId, observer } = await aNodeWithVm({ state: 'RUNNING' })
    await registerNode(db, nodeId, someNodeFacts())
    await observer.rebooted(vm.id)
    expect(await tellingOf(vm.id)).toEqual([])
  })
})
