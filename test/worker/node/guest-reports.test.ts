import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { AppError } from '#db/errors.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { vmGuests } from '#db/schema/vm-guest.ts'
import { aNode, anOperation, aVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import type { GuestReading } from '#worker/hypervisor/port.ts'
import { createGuestReports } from '#worker/node/guest-reports.ts'

const db = await createTestDatabase()

const reading = (hostname: string): GuestReading => ({
  runId: 'run-1',
  report: {
    agent: {
      ...{ version: '7.2', osName: 'Debian', osVersion: '12', kernelVersion: '6.1', hostname },
      ...{ interfaces: [], fileSystems: [], users: [], capabilities: [] },
    },
    ipAddresses: [],
  },
})

/** A node of running VMs; `answer` says what the guest of the one at that place does when it is asked. */
async function aNodeWithGuests(count: number, answer: (index: number, signal: AbortSignal) => Promise<GuestReading>) {
  const claimant = await aNode(db)
  const vms: VmRow[] = []
  for (let n = 0; n < count; n++) vms.push(await aVm(db, claimant.nodeId, { state: 'RUNNING', runId: 'run-1' }))
  const asked: number[] = []
  const readGuest = (vmId: string, signal: AbortSignal) => {
    const index = vms.findIndex(({ id }) => id === vmId)
    asked.push(index)
    return answer(index, signal)
  }
  const reports = createGuestReports({ db, hypervisor: { readGuest }, claimant, log: pino({ level: 'silent' }) })
  const hostnames = async () => {
    const rows = await db.drizzle.select().from(vmGuests)
    return vms.map(({ id }) => rows.find(({ vmId }) => vmId === id)?.report.agent?.hostname)
  }
  return { vms, asked, reports, hostnames }
}

const never = new Promise<GuestReading>(() => {})

test('an agent that never answers keeps none of the others from being asked and written down', async () => {
  const node = await aNodeWithGuests(12, (index) => (index === 0 ? never : Promise.resolve(reading(`guest-${index}`))))
  void node.reports.askAll()
  await vi.waitFor(async () => expect((await node.hostnames()).filter(Boolean)).toHaveLength(11), { timeout: 5000 })
  expect((await node.hostnames())[0]).toBeUndefined()
})

test('a VM on which an operation is at work is not asked', async () => {
  const { vms, reports, asked } = await aNodeWithGuests(2, async (index) => reading(`guest-${index}`))
  if (vms[0]) await anOperation(db, vms[0], 'snapshot.create')
  await reports.askAll()
  expect(asked).toEqual([1])
})

test('an operation that begins ends the asking of its VM, and that of no other', async () => {
  const signals: AbortSignal[] = []
  const { vms, reports, asked } = await aNodeWithGuests(2, (_, signal) => {
    signals.push(signal)
    return never
  })
  void reports.askAll()
  await vi.waitUntil(() => asked.length === 2, { timeout: 5000 })
  reports.operationBegins(vms[asked[0] ?? 0]?.id ?? '')
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
})

test('an agent that did not answer is left alone until it comes anew', async () => {
  const { vms, reports, asked } = await aNodeWithGuests(1, async () => {
    throw new AppError('failed_precondition', 'The guest agent does not answer.')
  })
  await reports.askAll()
  await reports.askAll()
  expect(asked).toEqual([0])
  await reports.agentCame(vms[0]?.id ?? '')
  expect(asked).toEqual([0, 0])
})
