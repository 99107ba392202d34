import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { events } from '#db/schema/event.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { eventually } from '#test/db/eventually.ts'
import { readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { qemuPid } from '#test/support/processes.ts'
import { startWorkerProcess } from '#test/worker/worker-process.ts'
import { DomainXmlFlags } from '#worker/hypervisor/libvirt/rpc/constants.gen.ts'
import { qemu, remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { domainOf } from '../hypervisor/node-vms.ts'
import { aRunningWorkerVm, takenOver } from './live-worker.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`what happens past the worker${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let libvirt: LibvirtNode
  const database = createTestDatabase()
  beforeAll(async () => {
    libvirt = await startLibvirtNode({ virtType: 'qemu' })
    await libvirt.hypervisor.probeCpuModes()
  })
  afterAll(() => libvirt?.close())

  test('is in the row and the history within a second, with the reason, and is not undone', async () => {
    const db = await database
    const { nodeId, place, vm } = await aRunningWorkerVm(db, libvirt)
    startWorkerProcess(place)
    await takenOver(db, nodeId, 1)
    const { connection } = libvirt
    const dom = await domainOf(libvirt, vm.id)
    const flags = 0
    const monitor = (execute: string) =>
      connection.call(qemu.domainMonitorCommand, { dom, cmd: JSON.stringify({ execute }), flags })
    const start = () => connection.call(remote.domainCreateWithFlags, { dom, flags })

    const changes: [what: () => unknown, state: string, actor: string, reason: string][] = [
      [() => connection.call(remote.domainSuspend, { dom }), 'PAUSED', 'node', 'paused'],
      [() => connection.call(remote.domainResume, { dom }), 'RUNNING', 'node', 'resumed'],
      [() => connection.call(remote.domainDestroyFlags, { dom, flags }), 'STOPPED', 'node', 'destroyed'],
      [start, 'RUNNING', 'node', 'started'],
      // To libvirt, a QEMU that ends in its own way is a guest that shut down.
      [() => monitor('quit').catch(() => {}), 'STOPPED', 'guest', 'shutdown'],
      [start, 'RUNNING', 'node', 'started'],
      [() => process.kill(qemuPid(`guest=${vm.name},`), 'SIGKILL'), 'STOPPED', 'node', 'crashed'],
      [() => connection.call(remote.domainUndefineFlags, { dom, flags }), 'UNKNOWN', 'node', 'undefined'],
    ]
    const lateMs: number[] = []
    // One that runs is seen to be undefined then, and not only when it stops.
    const { xml } = await connection.call(remote.domainGetXmlDesc, { dom, flags: DomainXmlFlags.INACTIVE })
    for (const [change, definedOnNode] of [
      [() => connection.call(remote.domainUndefineFlags, { dom, flags }), false],
      [() => connection.call(remote.domainDefineXmlFlags, { xml, flags }), true],
    ] as const) {
      await change()
      const changedAt = Date.now()
      await eventually(async () => (await readVm(db, vm.id))?.definedOnNode === definedOnNode, 15_000)
      lateMs.push(Date.now() - changedAt)
    }
    for (const [change, state] of changes) {
      await change()
      const changedAt = Date.now()
      await eventually(async () => (await readVm(db, vm.id))?.state === state, 15_000)
      lateMs.push(Date.now() - changedAt)
    }
    const told = await db.drizzle.select().from(events).where(eq(events.vmId, vm.id)).orderBy(asc(events.id))
    const [gone, back, ...others] = told
    expect([gone, back]).toMatchObject([
      { type: 'vm.definition-changed', severity: 'error', details: { reason: 'undefined' } },
      { type: 'vm.definition-changed', severity: 'info', details: { reason: 'defined' } },
    ])
    expect(others.map(({ actor, details }) => [details.to, actor, details.reason])).toEqual(
      changes.map(([, ...expected]) => expected),
    )
    for (const { type, operationId } of others) expect([type, operationId]).toEqual(['vm.state-changed', null])
    // A comparison would find each after 5 s on average; a single one may be late on a busy machine.
    expect(lateMs.sort((a, b) => a - b)[Math.floor(lateMs.length / 2)]).toBeLessThan(1000)
  })

  test('while the worker is down is made up for by the comparison, with the reasons', async () => {
    const db = await database
    const { nodeId, place, vm } = await aRunningWorkerVm(db, libvirt)
    const { connection } = libvirt
    const dom = await domainOf(libvirt, vm.id)
    const flags = 0
    const start = () => connection.call(remote.domainCreateWithFlags, { dom, flags })
    const destroy = () => connection.call(remote.domainDestroyFlags, { dom, flags })
    const undefine = () => connection.call(remote.domainUndefineFlags, { dom, flags })
    const { xml } = await connection.call(remote.domainGetXmlDesc, { dom, flags: DomainXmlFlags.INACTIVE })
    const define = () => connection.call(remote.domainDefineXmlFlags, { xml, flags })
    const historyOf = async () =>
      (await db.drizzle.select().from(events).where(eq(events.vmId, vm.id)).orderBy(asc(events.id))).map(
        ({ type, details }) => [type, details.to, details.reason],
      )

    const changes: [what: (() => unknown)[], row: object, told: unknown[]][] = [
      // The first worker finds out which run it is.
      [[], { state: 'RUNNING', runId: expect.any(String) }, []],
      [[destroy, start], { state: 'RUNNING' }, ['vm.restarted', undefined, 'restarted']],
      [[undefine], { state: 'RUNNING', definedOnNode: false }, ['vm.definition-changed', undefined, 'undefined']],
      [[define, destroy], { state: 'STOPPED', definedOnNode: true }, ['vm.state-changed', 'STOPPED', 'destroyed']],
      [[start], { state: 'RUNNING' }, ['vm.state-changed', 'RUNNING', 'started']],
      [[undefine, destroy], { state: 'UNKNOWN', definedOnNode: false }, ['vm.state-changed', 'UNKNOWN', 'undefined']],
      [[define], { state: 'STOPPED', definedOnNode: true, message: '' }, ['vm.state-changed', 'STOPPED', undefined]],
    ]
    const told: unknown[] = []
    for (const [index, [what, row, event]] of changes.entries()) {
      for (const change of what) await change()
      const worker = startWorkerProcess(place)
      await takenOver(db, nodeId, index + 1)
      if (event.length > 0) told.push(event)
      await vi.waitFor(
        async () => {
          expect(await readVm(db, vm.id)).toMatchObject(row)
          expect(await historyOf()).toEqual(told)
        },
        { timeout: 15_000, interval: 20 },
      )
      await worker.kill('SIGKILL')
    }
  })
})
