import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import { anOperation, aSnapshot, readSnapshot, readVm } from '#test/db/rows.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, perform, takeSnapshot } from './harness.ts'

async function onlySnapshotOf(vmId: string) {
  const [row, ...others] = await db.drizzle.select().from(snapshots).where(eq(snapshots.vmId, vmId))
  if (!row || others.length > 0) throw new Error(`${others.length} others`)
  return row
}

holdsTheGuarantees({
  kind: 'snapshot.create',
  async arrange(hypervisor) {
    const vm = await aVmOnNode(hypervisor, 'RUNNING')
    const snapshot = await aSnapshot(db, vm.id, { includeMemory: true })
    return { vm, input: { vmId: vm.id, snapshotId: snapshot.id } }
  },
  async expectDone({ contents }, vm) {
    expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: '', startedAt: vm.startedAt })
    const row = await onlySnapshotOf(vm.id)
    const taken = contents.vms[vm.id]?.snapshots[row.id]
    expect(row).toMatchObject({ state: 'READY', error: null, ...taken })
    expect(row.takenAt).toBeInstanceOf(Date)
    expect(Object.keys(contents.vms[vm.id]?.snapshots ?? {})).toEqual([row.id])
  },
  async expectUndone({ contents }, vm) {
    expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: '', startedAt: vm.startedAt })
    const row = await onlySnapshotOf(vm.id)
    expect(row).toMatchObject({ state: 'FAILED', error: { reason: 'INJECTED' }, kind: null, takenAt: null })
    expect(contents.vms[vm.id]).toMatchObject({ state: 'RUNNING', snapshots: {} })
    expect(contents.files).toEqual(contents.vms[vm.id]?.disks.map(({ volume }) => volume))
  },
})

test('one that fails after its disks were taken leaves no file, and what the others hold is found', async () => {
  const hypervisor = createSimulatedHypervisor({
    onCall(call, moment) {
      if (call === 'createSnapshot' && moment === 'after' && armed) throw new AppError('internal', 'too late')
    },
  })
  let armed = false
  const vm = await aVmOnNode(hypervisor, 'RUNNING')
  hypervisor.writeDisk(vm.id, 'vda', 0, 'kept')
  const kept = await takeSnapshot(hypervisor, vm)
  hypervisor.writeDisk(vm.id, 'vda', 1, 'current')
  armed = true
  const { id } = await aSnapshot(db, vm.id)
  await perform(await anOperation(db, vm, 'snapshot.create', { input: { snapshotId: id } }), { hypervisor })
  expect(await readSnapshot(db, id)).toMatchObject({ state: 'FAILED', error: { message: 'too late' } })
  expect(hypervisor.contents.files).toHaveLength(2)
  const [disk] = hypervisor.contents.vms[vm.id]?.disks ?? []
  expect(hypervisor.readVolume(disk?.volume ?? '')).toEqual({ 0: 'kept', 1: 'current' })
  const row = await readSnapshot(db, kept.id)
  expect(hypervisor.readVolume(row.disks?.[0]?.volume ?? '')).toEqual({ 0: 'kept' })
})

const cases = [
  { state: 'RUNNING', includeMemory: true, quiesce: false, kind: 'memory', consistency: 'memory' },
  { state: 'RUNNING', includeMemory: false, quiesce: false, kind: 'disk-only', consistency: 'crash' },
  { state: 'RUNNING', includeMemory: false, quiesce: true, kind: 'disk-only', consistency: 'quiesced' },
  { state: 'STOPPED', includeMemory: true, quiesce: false, kind: 'offline', consistency: 'offline' },
  { state: 'STOPPED', includeMemory: false, quiesce: false, kind: 'offline', consistency: 'offline' },
] as const

test.each(cases)(
  'of a $state VM with memory $includeMemory and quiesce $quiesce, a snapshot says $kind, $consistency',
  async ({ state, includeMemory, quiesce, ...expected }) => {
    const hypervisor = createSimulatedHypervisor()
    const vm = await aVmOnNode(hypervisor, state)
    const snapshot = await aSnapshot(db, vm.id, { includeMemory, quiesce })
    await perform(await anOperation(db, vm, 'snapshot.create', { input: { snapshotId: snapshot.id } }), { hypervisor })
    expect(await readSnapshot(db, snapshot.id)).toMatchObject({ state: 'READY', ...expected })
  },
)

test('a memory snapshot of a running host-passthrough VM is refused with the published error, and the VM runs on', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING', { spec: aSpec({ cpuMode: 'host-passthrough' }) })
  const snapshot = await aSnapshot(db, vm.id, { includeMemory: true })
  const recorded = await anOperation(db, vm, 'snapshot.create', { input: { snapshotId: snapshot.id } })
  const operation = await perform(recorded, { hypervisor })
  const error = {
    code: 'internal',
    reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU',
    message: memorySnapshotBlockedMessage,
    details: { vmId: vm.id, blockedBy: 'invtsc' },
  }
  expect(operation).toMatchObject({ status: 'failed', attempt: 1, error })
  expect(await readSnapshot(db, snapshot.id)).toMatchObject({ state: 'FAILED', error: operation.error })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: '', startedAt: vm.startedAt })
  expect(hypervisor.contents.files).toEqual([`${vm.id}.vda.qcow2`])
})

test('a chain of snapshots names each its parent', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'STOPPED')
  let parentId: string | null = null
  for (let n = 0; n < 3; n++) {
    const { id } = await aSnapshot(db, vm.id)
    await perform(await anOperation(db, vm, 'snapshot.create', { input: { snapshotId: id } }), { hypervisor })
    expect(await readSnapshot(db, id)).toMatchObject({ state: 'READY', parentId })
    parentId = id
  }
})
