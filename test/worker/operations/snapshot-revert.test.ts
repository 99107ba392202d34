import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { eq } from 'drizzle-orm'
import { expect, onTestFinished, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { snapshotColumns, snapshots } from '#db/schema/snapshot.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { anOperation, aSnapshot, readSnapshot, readVm } from '#test/db/rows.ts'
import { writeImage } from '#test/support/image-files.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, perform, takeSnapshot } from './harness.ts'

const snapshotsOf = (vmId: string) =>
  db.drizzle.select(snapshotColumns).from(snapshots).where(eq(snapshots.vmId, vmId)).orderBy(snapshots.name)

/** What the guest reads from the VM's disk. */
function contentOf(hypervisor: SimulatedHypervisor, vmId: string) {
  const [disk] = hypervisor.contents.vms[vmId]?.disks ?? []
  return hypervisor.readVolume(disk?.volume ?? '')
}

/** A VM that wrote `before`, was snapshotted, and wrote `after`. */
async function aChangedVm(
  hypervisor: SimulatedHypervisor,
  includeMemory = false,
  state: 'RUNNING' | 'STOPPED' = 'RUNNING',
) {
  const vm = await aVmOnNode(hypervisor, state)
  hypervisor.writeDisk(vm.id, 'vda', 0, 'before')
  const snapshot = await takeSnapshot(hypervisor, vm, { name: 'wanted', includeMemory })
  hypervisor.writeDisk(vm.id, 'vda', 0, 'after')
  return { vm: (await readVm(db, vm.id)) as VmRow, snapshot }
}

interface Options {
  keep?: boolean
  start?: boolean
}

async function reverting(vm: VmRow, snapshotId: string, { keep = true, start = false }: Options = {}) {
  const keepAs = keep ? (await aSnapshot(db, vm.id, { name: `kept-${randomUUID()}`, origin: 'revert' })).id : null
  await db.sql`update vms set state = 'REVERTING' where id = ${vm.id}`
  return { keepAs, input: { vmId: vm.id, snapshotId, start, keepAs } }
}

async function revertTo(hypervisor: SimulatedHypervisor, vm: VmRow, snapshotId: string, options: Options = {}) {
  const { input, keepAs } = await reverting(vm, snapshotId, options)
  const operation = await perform(await anOperation(db, vm, 'snapshot.revert', { input }), { hypervisor })
  return { operation, keepAs }
}

holdsTheGuarantees({
  kind: 'snapshot.revert',
  outlives: ['reclaimFiles'],
  async arrange(hypervisor) {
    const { vm, snapshot } = await aChangedVm(hypervisor)
    return { vm, input: (await reverting(vm, snapshot.id)).input }
  },
  async expectDone(hypervisor, vm) {
    const [kept, wanted] = await snapshotsOf(vm.id)
    expect(await readVm(db, vm.id)).toMatchObject({
      state: 'STOPPED',
      message: '',
      effectiveCpu: null,
      startedAt: null,
      currentSnapshotId: wanted?.id,
    })
    expect(wanted).toMatchObject({ name: 'wanted', state: 'READY', parentId: null })
    expect(kept).toMatchObject({ state: 'READY', kind: 'disk-only', consistency: 'crash', parentId: wanted?.id })
    expect(hypervisor.contents.vms[vm.id]?.state).toBe('STOPPED')
    expect(contentOf(hypervisor, vm.id)).toEqual({ 0: 'before' })
    expect(hypervisor.readVolume(kept?.disks?.[0]?.volume ?? '')).toEqual({ 0: 'after' })
  },
  async expectUndone(hypervisor, vm) {
    const rows = await snapshotsOf(vm.id)
    expect(rows.map(({ name, state }) => `${name} ${state}`)).toEqual(['wanted READY'])
    expect(await readVm(db, vm.id)).toMatchObject({
      state: 'RUNNING',
      message: 'Failed to revert: injected',
      currentSnapshotId: rows[0]?.id,
    })
    expect(hypervisor.contents.vms[vm.id]?.state).toBe('RUNNING')
    expect(contentOf(hypervisor, vm.id)).toEqual({ 0: 'after' })
  },
})

test.each([
  { state: 'RUNNING', includeMemory: true, start: false, ends: 'RUNNING' },
  { state: 'RUNNING', includeMemory: false, start: false, ends: 'STOPPED' },
  { state: 'RUNNING', includeMemory: false, start: true, ends: 'RUNNING' },
  { state: 'STOPPED', includeMemory: false, start: false, ends: 'STOPPED' },
  { state: 'STOPPED', includeMemory: false, start: true, ends: 'RUNNING' },
] as const)(
  'a $state VM snapshotted with memory $includeMemory, reverted with start $start, is $ends',
  async ({ state, includeMemory, start, ends }) => {
    const hypervisor = createSimulatedHypervisor()
    const { vm, snapshot } = await aChangedVm(hypervisor, includeMemory, state)
    const { operation, keepAs } = await revertTo(hypervisor, vm, snapshot.id, { start })
    expect(operation).toMatchObject({ status: 'succeeded', error: null })
    const after = await readVm(db, vm.id)
    expect(after).toMatchObject({ state: ends, currentSnapshotId: snapshot.id })
    if (ends === 'RUNNING') expect(after?.startedAt?.getTime()).toBeGreaterThan(vm.startedAt?.getTime() ?? 0)
    expect(contentOf(hypervisor, vm.id)).toEqual({ 0: 'before' })
    const kind = state === 'STOPPED' ? 'offline' : 'disk-only'
    expect(await readSnapshot(db, keepAs ?? '')).toMatchObject({ state: 'READY', kind, origin: 'revert' })
  },
)

test('going back and forth never loses what was current', async () => {
  const hypervisor = createSimulatedHypervisor()
  const { vm, snapshot } = await aChangedVm(hypervisor)
  const { keepAs: first } = await revertTo(hypervisor, vm, snapshot.id, { start: true })
  hypervisor.writeDisk(vm.id, 'vda', 1, 'on the second branch')
  const { keepAs: second } = await revertTo(hypervisor, vm, first ?? '')
  expect(contentOf(hypervisor, vm.id)).toEqual({ 0: 'after' })
  await revertTo(hypervisor, vm, second ?? '')
  expect(contentOf(hypervisor, vm.id)).toEqual({ 0: 'before', 1: 'on the second branch' })
  expect(await readSnapshot(db, second ?? '')).toMatchObject({ parentId: snapshot.id })
  expect(await readVm(db, vm.id)).toMatchObject({ currentSnapshotId: second })
})

test('what was current is discarded when nothing is to be kept, and its files go', async () => {
  const hypervisor = createSimulatedHypervisor()
  const { vm, snapshot } = await aChangedVm(hypervisor)
  const left = hypervisor.contents.vms[vm.id]?.disks[0]?.volume
  const { operation } = await revertTo(hypervisor, vm, snapshot.id, { keep: false })
  expect(operation.status).toBe('succeeded')
  expect(hypervisor.contents.files).not.toContain(left)
  expect(contentOf(hypervisor, vm.id)).toEqual({ 0: 'before' })
  expect((await snapshotsOf(vm.id)).map(({ name }) => name)).toEqual(['wanted'])
})

test('a guest whose clock could not be set after its memory came back says so', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING', { name: `has-no-agent-${randomUUID()}` })
  const snapshot = await takeSnapshot(hypervisor, vm, { includeMemory: true })
  await revertTo(hypervisor, vm, snapshot.id)
  expect((await readVm(db, vm.id))?.message).toContain('guest agent is not connected')
})

test('a revert whose clean-up fails is done, and the VM says what is left', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING', { name: `fails-to-reclaim-${randomUUID()}` })
  const snapshot = await takeSnapshot(hypervisor, vm)
  const { operation, keepAs } = await revertTo(hypervisor, vm, snapshot.id)
  expect(operation).toMatchObject({ status: 'succeeded' })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'STOPPED', currentSnapshotId: snapshot.id })
  expect((await readVm(db, vm.id))?.message).toContain('could not be removed: The simulated node was told to')
  expect(await readSnapshot(db, keepAs ?? '')).toMatchObject({ state: 'READY' })
})

test('a revert is not undone any more once what was current may be gone', async () => {
  const hypervisor = createSimulatedHypervisor({
    onCall(call) {
      if (call === 'reclaimFiles') throw new TypeError('nobody foresaw this')
    },
  })
  const { vm, snapshot } = await aChangedVm(hypervisor)
  const { operation } = await revertTo(hypervisor, vm, snapshot.id, { keep: false })
  expect(operation).toMatchObject({ status: 'failed', error: { code: 'internal' } })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'STOPPED', currentSnapshotId: snapshot.id })
  expect(contentOf(hypervisor, vm.id)).toEqual({ 0: 'before' })
})

test('a failure that cannot be undone leaves the VM unknown, never as it was', async () => {
  const hypervisor = createSimulatedHypervisor({
    onCall(call) {
      if (call === 'revertToSnapshot' || call === 'undoRevert') throw new AppError('internal', `${call} broke`)
    },
  })
  const { vm, snapshot } = await aChangedVm(hypervisor)
  const { operation } = await revertTo(hypervisor, vm, snapshot.id)
  expect(operation).toMatchObject({ status: 'failed', error: { message: 'revertToSnapshot broke' } })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'UNKNOWN' })
})

test('memory comes back to the media of now, not to those that were in the drives then', async () => {
  const imagesDirectory = await mkdtemp(path.join(tmpdir(), 'qs-'))
  onTestFinished(() => rm(imagesDirectory, { recursive: true }))
  await writeImage(path.join(imagesDirectory, 'one.iso'), 2 ** 20)
  const hypervisor = createSimulatedHypervisor({ imagesDirectory })
  const vm = await aVmOnNode(hypervisor, 'RUNNING', { spec: aSpec({ cdroms: [{ iso: 'one.iso' }] }) })
  const { id } = await takeSnapshot(hypervisor, vm, { includeMemory: true })
  const input = { target: 'sda', iso: null, force: false }
  await perform(await anOperation(db, vm, 'media.change', { input }), { hypervisor })
  const { operation } = await revertTo(hypervisor, (await readVm(db, vm.id)) as VmRow, id)
  expect(operation.status).toBe('succeeded')
  const { running, saved } = hypervisor.contents.vms[vm.id] ?? {}
  expect(saved?.[id]?.spec.cdroms).toEqual([{ target: 'sda', iso: 'one.iso' }])
  expect(running?.spec.cdroms).toEqual([{ target: 'sda', iso: null }])
  expect((await readVm(db, vm.id))?.spec.cdroms).toEqual([{ target: 'sda', iso: null }])
})
