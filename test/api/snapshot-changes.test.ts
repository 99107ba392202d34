import { eq } from 'drizzle-orm'
import { beforeAll, expect, test } from 'vitest'
import { operations } from '#db/schema/operation.ts'
import { type SnapshotRow, snapshots } from '#db/schema/snapshot.ts'
import { type VmRow, vmState } from '#db/schema/vm.ts'
import {
  anOperation,
  aSnapshot,
  aVm,
  endOperation,
  everything,
  maxSnapshots,
  one,
  raced,
  startTestApi,
  storedSpec,
  type TestApi,
} from './test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})

const unknownId = '019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11'
const pathOf = ({ vmId, id }: Pick<SnapshotRow, 'vmId' | 'id'>) => `/api/v1/vms/${vmId}/snapshots/${id}`
const revert = (snapshot: Pick<SnapshotRow, 'vmId' | 'id'>, body?: object, headers?: Record<string, string>) =>
  api.send('POST', `${pathOf(snapshot)}/revert`, body, headers)
const remove = (snapshot: Pick<SnapshotRow, 'vmId' | 'id'>, headers?: Record<string, string>) =>
  api.send('DELETE', pathOf(snapshot), undefined, headers)

const inputOf = async (operationId: string) => {
  const found = await api.database.drizzle.select().from(operations).where(eq(operations.id, operationId))
  return one(found[0]).input
}
const snapshotById = async (id: string) =>
  one((await api.database.drizzle.select().from(snapshots).where(eq(snapshots.id, id)))[0])

const allowedStates = ['RUNNING', 'PAUSED', 'STOPPED'] as const
const changes = { revert, delete: remove }
const names = Object.keys(changes) as (keyof typeof changes)[]

test.each(allowedStates)('a revert of a %s VM is accepted, and what is current becomes a snapshot', async (state) => {
  const vm = await aVm(api, { state, message: 'from before' })
  const snapshot = await aSnapshot(api, vm, { name: 'before-upgrade' })
  const answer = await revert(snapshot)
  expect(answer).toMatchObject({
    status: 202,
    body: { id: vm.id, status: { state: 'REVERTING', message: '' }, operation: { kind: 'snapshot.revert' } },
  })
  expect(answer.headers.get('location')).toBe(`/api/v1/vms/${vm.id}`)
  expect(await inputOf(answer.body.operation.id)).toEqual({
    vmId: vm.id,
    snapshotId: snapshot.id,
    start: false,
    keepAs: answer.body.keptSnapshotId,
  })
  expect(await snapshotById(answer.body.keptSnapshotId)).toMatchObject({
    vmId: vm.id,
    name: 'before-revert-to-before-upgrade',
    origin: 'revert',
    state: 'CREATING',
    includeMemory: false,
  })
  for (const id of [snapshot.id, answer.body.keptSnapshotId]) {
    const { body } = await api.send('GET', pathOf({ vmId: vm.id, id }))
    expect(body.operation).toEqual(answer.body.operation)
  }
  expect(api.doorbell.rings.filter(({ id }) => id === answer.body.operation.id)).toHaveLength(1)
})

test('a revert that discards what is current keeps nothing, and starts the VM when asked to', async () => {
  const vm = await aVm(api)
  const answer = await revert(await aSnapshot(api, vm), { discardCurrent: true, startAfterRevert: true })
  expect(answer).toMatchObject({ status: 202, body: { keptSnapshotId: null } })
  expect(await inputOf(answer.body.operation.id)).toMatchObject({ start: true, keepAs: null })
  expect(await api.database.drizzle.$count(snapshots, eq(snapshots.vmId, vm.id))).toBe(1)
})

test('of a VM without disks there is nothing to keep', async () => {
  const vm = await aVm(api, { state: 'RUNNING', spec: { ...storedSpec, disks: [] } })
  const answer = await revert(await aSnapshot(api, vm, { kind: 'memory' }))
  expect(answer).toMatchObject({ status: 202, body: { keptSnapshotId: null } })
  expect(await api.database.drizzle.$count(snapshots, eq(snapshots.vmId, vm.id))).toBe(1)
})

test('what is kept gets a name of its own, however often one goes back, and however long the name is', async () => {
  const vm = await aVm(api)
  const long = await aSnapshot(api, vm, { name: `${'ä'.repeat(101)} ${'z'.repeat(26)}` })
  const kept: string[] = []
  for (let count = 0; count < 3; count++) {
    const { body } = await revert(long)
    kept.push((await snapshotById(body.keptSnapshotId)).name)
    await endOperation(api.database, body.operation.id, null, { state: 'STOPPED' })
  }
  const base = `before-revert-to-${'ä'.repeat(101)} z`
  expect(kept).toEqual([base, `${base}-2`, `${base}-3`])
})

test('a revert whose kept snapshot would be one too many is refused, and goes without it', async () => {
  const vm = await aVm(api)
  for (let count = 1; count < maxSnapshots; count++) await aSnapshot(api, vm)
  const snapshot = await aSnapshot(api, vm)
  const before = await everything(api.database)
  const refused = await revert(snapshot)
  expect(refused).toMatchObject({ status: 507, body: { code: 'resource_exhausted', reason: 'TOO_MANY_SNAPSHOTS' } })
  expect(refused.body.details.remedies).toContainEqual({
    action: 'DISCARD_CURRENT',
    request: { discardCurrent: true },
    needsRestart: false,
  })
  expect(await everything(api.database)).toEqual(before)
  expect((await revert(snapshot, { discardCurrent: true })).status).toBe(202)
})

test('a revert that is waited for is answered with the VM as it is then', async () => {
  const vm = await aVm(api, { state: 'RUNNING' })
  const snapshot = await aSnapshot(api, vm)
  const waiting = revert(snapshot, {}, { Prefer: 'wait=10' })
  const operation = await eventuallyOperation(vm)
  await endOperation(api.database, operation.id, null, { state: 'STOPPED', currentSnapshotId: snapshot.id })
  const answer = await waiting
  expect(answer).toMatchObject({
    status: 200,
    body: { id: vm.id, status: { state: 'STOPPED', currentSnapshotId: snapshot.id } },
  })
  expect(answer.body.keptSnapshotId).toBe(operation.input.keepAs)
})

async function eventuallyOperation(vm: VmRow) {
  const end = Date.now() + 5000
  while (Date.now() < end) {
    const [operation] = await api.database.drizzle.select().from(operations).where(eq(operations.vmId, vm.id))
    if (operation) return operation
  }
  throw new Error('no operation was recorded')
}

test.each(allowedStates)('the delete of a snapshot of a %s VM is accepted, and the VM goes on', async (state) => {
  const vm = await aVm(api, { state })
  const snapshot = await aSnapshot(api, vm)
  const answer = await remove(snapshot)
  expect(answer).toMatchObject({
    status: 202,
    body: { id: snapshot.id, status: { state: 'DELETING' }, operation: { kind: 'snapshot.delete' } },
  })
  expect(answer.headers.get('location')).toBe(pathOf(snapshot))
  expect(await inputOf(answer.body.operation.id)).toEqual({ vmId: vm.id, snapshotId: snapshot.id })
  expect((await api.send('GET', pathOf(snapshot))).body).toEqual(answer.body)
  expect((await api.send('GET', `/api/v1/vms/${vm.id}`)).body.status.state).toBe(state)
  expect(api.doorbell.rings.filter(({ id }) => id === answer.body.operation.id)).toHaveLength(1)
})

test('a snapshot that failed can be deleted, and not be reverted to', async () => {
  const error = { code: 'internal', message: 'libvirt said no' } as const
  const failed = await aSnapshot(api, await aVm(api), { state: 'FAILED', error })
  const refused = await revert(failed)
  expect(refused).toMatchObject({
    status: 409,
    body: { code: 'failed_precondition', reason: 'WRONG_SNAPSHOT_STATE', details: { state: 'FAILED' } },
  })
  expect(refused.body.message).toContain('libvirt said no')
  expect((await remove(failed)).status).toBe(202)
})

test.each([
  ['revert', ['CREATING', 'DELETING', 'FAILED']],
  ['delete', ['CREATING', 'DELETING']],
] as const)('%s says which states of the snapshot are right', async (name, wrong) => {
  for (const state of wrong) {
    const allowed = name === 'revert' ? ['READY'] : ['READY', 'FAILED']
    const answer = await changes[name](await aSnapshot(api, await aVm(api), { state }))
    expect(answer).toMatchObject({ status: 409, body: { reason: 'WRONG_SNAPSHOT_STATE', details: { state, allowed } } })
  }
})

test('a delete that is waited for is answered with nothing', async () => {
  const vm = await aVm(api)
  const waiting = remove(await aSnapshot(api, vm), { Prefer: 'wait=10' })
  await endOperation(api.database, (await eventuallyOperation(vm)).id, null)
  expect(await waiting).toMatchObject({ status: 204, body: null })
})

test.each(names)('%s is refused in every other state of the VM, and nothing changes', async (name) => {
  for (const state of vmState.enumValues.filter((state) => !(allowedStates as readonly string[]).includes(state))) {
    const snapshot = await aSnapshot(api, await aVm(api, { state }))
    const before = await everything(api.database)
    const answer = await changes[name](snapshot)
    expect(answer).toMatchObject({ status: 409, body: { reason: 'WRONG_VM_STATE', details: { state } } })
    expect(await everything(api.database)).toEqual(before)
  }
})

test.each(names)('%s waits for the operation at work, and names it', async (name) => {
  const vm = await aVm(api)
  const snapshot = await aSnapshot(api, vm)
  const current = await anOperation(api, vm)
  const before = await everything(api.database)
  expect(await changes[name](snapshot)).toMatchObject({
    status: 409,
    body: { code: 'aborted', reason: 'OPERATION_IN_PROGRESS', details: { operationId: current.id } },
  })
  expect(await everything(api.database)).toEqual(before)
})

test.each(names)('%s is refused while the disks do not agree', async (name) => {
  const diskProblem = { reason: 'DISKS_OUT_OF_STEP', message: 'QEMU writes disk vda to another file.' }
  const snapshot = await aSnapshot(api, await aVm(api, { diskProblem }))
  const before = await everything(api.database)
  expect(await changes[name](snapshot)).toMatchObject({ status: 409, body: diskProblem })
  expect(await everything(api.database)).toEqual(before)
})

test.each(names)('of requests to %s at the same moment exactly one is accepted', async (name) => {
  const vm = await aVm(api)
  const snapshot = await aSnapshot(api, vm)
  const answers = await raced(
    api,
    vm.id,
    Array(4).fill(() => changes[name](snapshot)),
  )
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409, 409])
  expect(await api.database.drizzle.$count(operations, eq(operations.vmId, vm.id))).toBe(1)
})

test.each(names)('%s of what does not exist, or is another VM’s, is not found', async (name) => {
  const vm = await aVm(api)
  const others = await aSnapshot(api, await aVm(api))
  const before = await everything(api.database)
  expect(await changes[name]({ vmId: unknownId, id: others.id })).toMatchObject({
    status: 404,
    body: { reason: 'VM_NOT_FOUND' },
  })
  for (const id of [unknownId, others.id]) {
    const answer = await changes[name]({ vmId: vm.id, id })
    expect(answer).toMatchObject({ status: 404, body: { reason: 'SNAPSHOT_NOT_FOUND' } })
  }
  expect(await everything(api.database)).toEqual(before)
})
