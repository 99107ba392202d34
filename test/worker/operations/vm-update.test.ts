import { eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { runningSpecOf } from '#db/rules/spec-changes.ts'
import { type VmRow, vms } from '#db/schema/vm.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import { anOperation, readVm } from '#test/db/rows.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, perform, takeSnapshot } from './harness.ts'

const before = aSpec()
const after = aSpec({ cpuMode: 'host-passthrough', memory: { sizeMib: 128 } })

/** As the API does it. */
const change = ({ id }: Pick<VmRow, 'id'>, spec: VmSpec) =>
  db.drizzle
    .update(vms)
    .set({ spec, changedFrom: { spec: before, tscFrequencyHz: null } })
    .where(eq(vms.id, id))

/** A VM whose spec was just changed. */
async function aChangedVm(hypervisor: SimulatedHypervisor, state: 'STOPPED' | 'RUNNING', spec = after) {
  const vm = await aVmOnNode(hypervisor, state, { spec: before })
  await change(vm, spec)
  return { ...vm, spec }
}

holdsTheGuarantees({
  kind: 'vm.update',
  outlives: ['hotplugVm'],
  async arrange(hypervisor) {
    const vm = await aChangedVm(hypervisor, 'RUNNING')
    return { vm, input: { vmId: vm.id } }
  },
  async expectDone({ contents }, vm) {
    expect(contents.vms[vm.id]?.definition.spec).toMatchObject(runningSpecOf(after))
    expect(contents.vms[vm.id]?.running?.spec).toEqual(before)
    const row = await readVm(db, vm.id)
    expect(row).toMatchObject({ state: 'RUNNING', message: '', spec: after, changedFrom: null })
    expect(row?.runningSpec).toEqual(runningSpecOf(before))
  },
  async expectUndone({ contents }, vm) {
    expect(contents.vms[vm.id]?.definition.spec).toEqual(before)
    expect(await readVm(db, vm.id)).toMatchObject({
      state: 'RUNNING',
      message: 'Failed to change the spec: injected',
      spec: before,
      changedFrom: null,
    })
  },
})

test('what waited for the next start runs after it', async () => {
  const hypervisor = createSimulatedHypervisor({ shutdownMs: 1 })
  const vm = await aChangedVm(hypervisor, 'RUNNING')
  await perform(await anOperation(db, vm, 'vm.update'), { hypervisor })
  await perform(await anOperation(db, vm, 'vm.stop', { input: { force: true, timeoutSeconds: 1 } }), { hypervisor })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'STOPPED', runningSpec: null, effectiveCpu: null })
  await perform(await anOperation(db, vm, 'vm.start'), { hypervisor })
  const row = await readVm(db, vm.id)
  expect(row?.runningSpec).toEqual(runningSpecOf(after))
  expect(row?.effectiveCpu).toMatchObject({ mode: 'host-passthrough' })
})

test('a mode that the node refuses by then is not changed', async () => {
  const hypervisor = createSimulatedHypervisor({ unsupported: { 'host-passthrough': 'no KVM' } })
  const vm = await aChangedVm(hypervisor, 'STOPPED')
  const { error } = await perform(await anOperation(db, vm, 'vm.update'), { hypervisor })
  expect(error).toMatchObject({ reason: 'CPU_MODE_NOT_SUPPORTED' })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'STOPPED', spec: before, changedFrom: null })
})

test('a memory snapshot brings back the spec that ran then, for as long as that runs', async () => {
  const hypervisor = createSimulatedHypervisor({ shutdownMs: 1 })
  const vm = await aVmOnNode(hypervisor, 'RUNNING', { spec: before })
  const { id } = await takeSnapshot(hypervisor, vm, { includeMemory: true })
  await change(vm, after)
  await perform(await anOperation(db, vm, 'vm.update'), { hypervisor })
  await perform(await anOperation(db, vm, 'vm.stop', { input: { force: true, timeoutSeconds: 1 } }), { hypervisor })
  const input = { snapshotId: id, start: false, keepAs: null }
  const reverted = await perform(await anOperation(db, vm, 'snapshot.revert', { input }), { hypervisor })
  expect(reverted.status).toBe('succeeded')
  const row = await readVm(db, vm.id)
  expect(row?.runningSpec).toEqual(runningSpecOf(before))
  expect(row?.spec).toEqual(after)
})
