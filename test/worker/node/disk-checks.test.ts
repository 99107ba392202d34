import { pino } from 'pino'
import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { registerNode } from '#db/nodes.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { aNode, anOperation, aSnapshot, aVm, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { someNodeFacts } from '#test/support/node-facts.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import type { DiskCheckRequest } from '#worker/hypervisor/snapshot-calls.ts'
import { createDiskChecks } from '#worker/node/disk-checks.ts'

const db = await createTestDatabase()

const problem = { reason: 'DISK_CHAIN_UNKNOWN', message: 'QEMU writes elsewhere' }
const disks = [{ target: 'vda', volume: 'a.vda.qcow2' }]

async function aNodeWithVm(vm: Partial<VmRow> = {}) {
  const claimant = await aNode(db)
  const row = await aVm(db, claimant.nodeId, { state: 'RUNNING', ...vm })
  const asked: DiskCheckRequest[] = []
  let answer: Hypervisor['checkDisks'] = async () => null
  const hypervisor: Pick<Hypervisor, 'checkDisks'> = {
    checkDisks(request) {
      asked.push(request)
      return answer(request)
    },
  }
  const checks = createDiskChecks({ db, hypervisor, claimant, log: pino({ level: 'silent' }) })
  const answers = (next: Hypervisor['checkDisks']) => {
    answer = next
  }
  return { ...claimant, vm: row, asked, answers, checks }
}

test('a VM whose disks are out of step is shown so until they are right', async () => {
  const { vm, answers, checks } = await aNodeWithVm()
  answers(async () => problem)
  await checks.checkAll()
  expect((await readVm(db, vm.id))?.diskProblem).toEqual(problem)
  answers(async () => null)
  await checks.check(vm.id)
  expect((await readVm(db, vm.id))?.diskProblem).toBeNull()
})

test('nothing is written when nothing has changed', async () => {
  const { vm, answers, checks } = await aNodeWithVm({ diskProblem: problem })
  answers(async () => ({ ...problem }))
  await checks.checkAll()
  expect(await readVm(db, vm.id)).toEqual(vm)
})

test('what is known stays when a check finds out nothing', async () => {
  const { vm, answers, checks } = await aNodeWithVm({ diskProblem: problem })
  for (const error of [new AppError('unavailable', 'libvirt is away'), new Error('boom')]) {
    answers(() => Promise.reject(error))
    await checks.checkAll()
    expect((await readVm(db, vm.id))?.diskProblem).toEqual(problem)
  }
})

test('a VM that an operation is at work on is left alone', async () => {
  const { vm, asked, checks } = await aNodeWithVm()
  const { id } = await anOperation(db, vm, 'snapshot.revert')
  for (const status of ['queued', 'running', 'undoing'] as const) {
    await db.sql`update operations set status = ${status} where id = ${id}`
    await checks.checkAll()
    await checks.check(vm.id)
  }
  expect(asked).toEqual([])
  await db.sql`update operations set status = 'failed' where id = ${id}`
  await checks.checkAll()
  expect(asked).toHaveLength(1)
})

test('every snapshot that is ready is held against the disks, and no other', async () => {
  const { vm, asked, checks } = await aNodeWithVm()
  const ready = await aSnapshot(db, vm.id, { state: 'READY', kind: 'offline', disks })
  await aSnapshot(db, vm.id, { state: 'FAILED' })
  await checks.checkAll()
  expect(asked.map(({ vmId, snapshots }) => [vmId, snapshots.map(({ snapshotId }) => snapshotId)])).toEqual([
    [vm.id, [ready.id]],
  ])
})

test('a repair that takes long keeps no other VM waiting', async () => {
  const { nodeId, answers, checks } = await aNodeWithVm()
  const others = await Promise.all(Array.from({ length: 5 }, () => aVm(db, nodeId, { state: 'STOPPED' })))
  const slow = new Set(others.map(({ id }) => id))
  answers(({ vmId }) => (slow.has(vmId) ? new Promise(() => {}) : Promise.resolve(problem)))
  await checks.checkAll()
  const flagged = await db.sql`select id from vms where node_id = ${nodeId} and disk_problem is not null`
  expect(flagged).toHaveLength(1)
})

test('a worker whose node was taken over writes nothing', async () => {
  const { vm, nodeId, answers, checks } = await aNodeWithVm()
  await registerNode(db, nodeId, someNodeFacts())
  answers(async () => problem)
  await checks.checkAll()
  expect(await readVm(db, vm.id)).toEqual(vm)
})
