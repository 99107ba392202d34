import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { events } from '#db/schema/event.ts'
import type { VmRow } from '#db/schema/vm.ts'
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
import { aRunningWorkerVm, runningWorkerVms, takenOver } from './live-worker.ts'

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
    const past = await pastUs(libvirt, vm.id)
    const killQemu = () => process.kill(qemuPid(`guest=${vm.name},`), 'SIGKILL')
    const changes: [change: () => unknown, state: string, actor: string, reason: string][] = [
      [past.suspend, 'PAUSED', 'node', 'paused'],
      [past.resume, 'RUNNING', 'node', 'resumed'],
      [past.destroy, 'STOPPED', 'node', 'destroyed'],
      [past.start, 'RUNNING', 'node', 'started'],
      [past.quit, 'STOPPED', 'guest', 'shutdown'],
      [past.start, 'RUNNING', 'node', 'started'],
      [killQemu, 'STOPPED', 'node', 'crashed'],
      [past.undefine, 'UNKNOWN', 'node', 'undefined'],
    ]
    const lateMs: number[] = []
    // One that runs is seen to be undefined then, and not only when it stops.
    for (const [change, definedOnNode] of [
      [past.undefine, false],
      [past.define, true],
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
    const { nodeId, place, vms } = await runningWorkerVms(db, libvirt, outages.length)
    const past = await Promise.all(vms.map(({ id }) => pastUs(libvirt, id)))
    const historyOf = async (vmId: string) =>
      (await db.drizzle.select().from(events).where(eq(events.vmId, vmId)).orderBy(asc(events.id))).map(
        ({ type, details }) => [type, details.to, details.reason],
      )
    let workers = 0
    async function expectFound(rows: object[], told: unknown[][]) {
      const worker = startWorkerProcess(place)
      await takenOver(db, nodeId, ++workers)
      await vi.waitFor(
        async () => {
          expect(await Promise.all(vms.map(({ id }) => readVm(db, id)))).toMatchObject(rows)
          expect(await Promise.all(vms.map(({ id }) => historyOf(id)))).toEqual(told)
        },
        { timeout: 15_000, interval: 20 },
      )
      await worker.kill('SIGKILL')
    }

    // The first worker finds out which run each is.
    await expectFound(
      vms.map(() => ({ state: 'RUNNING', runId: expect.any(String) })),
      vms.map(() => []),
    )
    for (const nth of [0, 1] as const) {
      await Promise.all(
        past.map(async (vm, index) => {
          for (const change of outages[index]?.[nth].changes ?? []) await vm[change]()
        }),
      )
      await expectFound(
        outages.map((each) => each[nth].row),
        outages.map((each) => each.slice(0, nth + 1).map(({ told }) => told)),
      )
    }
  })
})

/** What is done to a VM while the worker is down, and what its row and its history then say. */
interface Outage {
  changes: (keyof Awaited<ReturnType<typeof pastUs>>)[]
  row: Partial<VmRow>
  told: [type: string, to: string | undefined, reason: string | undefined]
}

const restarted: Outage = {
  changes: ['destroy', 'start'],
  row: { state: 'RUNNING' },
  told: ['vm.restarted', undefined, 'restarted'],
}

/** Of each VM, two outages. */
const outages: [Outage, Outage][] = [
  [restarted, restarted],
  [
    {
      changes: ['undefine'],
      row: { state: 'RUNNING', definedOnNode: false },
      told: ['vm.definition-changed', undefined, 'undefined'],
    },
    {
      changes: ['define', 'destroy'],
      row: { state: 'STOPPED', definedOnNode: true },
      told: ['vm.state-changed', 'STOPPED', 'destroyed'],
    },
  ],
  [
    { changes: ['destroy'], row: { state: 'STOPPED' }, told: ['vm.state-changed', 'STOPPED', 'destroyed'] },
    { changes: ['start'], row: { state: 'RUNNING' }, told: ['vm.state-changed', 'RUNNING', 'started'] },
  ],
  [
    {
      changes: ['undefine', 'destroy'],
      row: { state: 'UNKNOWN', definedOnNode: false },
      told: ['vm.state-changed', 'UNKNOWN', 'undefined'],
    },
    {
      changes: ['define'],
      row: { state: 'STOPPED', definedOnNode: true, message: '' },
      told: ['vm.state-changed', 'STOPPED', undefined],
    },
  ],
]

/** What an operator does to a VM on its node. */
async function pastUs(libvirt: LibvirtNode, vmId: string) {
  const { connection } = libvirt
  const dom = await domainOf(libvirt, vmId)
  const { xml } = await connection.call(remote.domainGetXmlDesc, { dom, flags: DomainXmlFlags.INACTIVE })
  const flags = 0
  return {
    suspend: () => connection.call(remote.domainSuspend, { dom }),
    resume: () => connection.call(remote.domainResume, { dom }),
    start: () => connection.call(remote.domainCreateWithFlags, { dom, flags }),
    destroy: () => connection.call(remote.domainDestroyFlags, { dom, flags }),
    define: () => connection.call(remote.domainDefineXmlFlags, { xml, flags }),
    undefine: () => connection.call(remote.domainUndefineFlags, { dom, flags }),
    // To libvirt, a QEMU that ends in its own way is a guest that shut down.
    quit: () =>
      connection
        .call(qemu.domainMonitorCommand, { dom, cmd: JSON.stringify({ execute: 'quit' }), flags })
        .catch(() => {}),
  }
}
