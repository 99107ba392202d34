import { eq } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { runningSpecOf } from '#db/rules/spec-changes.ts'
import { type VmRow, vms } from '#db/schema/vm.ts'
import { vmSecrets } from '#db/schema/vm-secret.ts'
import type { VmSpec } from '#db/vm-spec.ts'
import { anOperation, readVm } from '#test/db/rows.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, perform, takeSnapshot } from './harness.ts'

const before = aSpec()
const after = aSpec({ cpuMode: 'host-passthrough', memory: { sizeMib: 128 } })

/** As the API does it. */
const change = ({ id }: Pick<VmRow, 'id'>, spec: VmSpec, from = before) =>
  db.drizzle
    .update(vms)
    .set({ spec, changedFrom: { spec: from, tscFrequencyHz: null } })
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

describe('the password of a display', () => {
  const asking = aSpec({ display: { passwordSet: true } })

  /** What the node is told of the password, beside its spec. */
  function toldOf(hypervisor: SimulatedHypervisor) {
    const told: unknown[] = []
    const { changeSpec, hotplugVm } = hypervisor
    hypervisor.changeSpec = (from, to) => {
      told.push([from, to].map(({ displayPassword, spec }) => [displayPassword, spec.display.passwordSet]))
      return changeSpec(from, to)
    }
    hypervisor.hotplugVm = (vm) => {
      told.push(vm.displayPassword)
      return hotplugVm(vm)
    }
    return told
  }

  async function aVmWith(hypervisor: SimulatedHypervisor, { from, to }: { from: VmSpec; to: VmSpec }) {
    const vm = await aVmOnNode(hypervisor, 'RUNNING', { spec: from })
    const name = 'display.password'
    const sealed = await testSecretBox.seal({ id: vm.id, name }, 'k3T9w2Qa')
    await db.drizzle.insert(vmSecrets).values({ vmId: vm.id, name, ...sealed })
    await change(vm, to, from)
    return vm
  }

  const secretsOf = ({ id }: VmRow) => db.drizzle.select().from(vmSecrets).where(eq(vmSecrets.vmId, id))
  const update = (vm: VmRow, displayPassword: 'set' | 'removed') =>
    anOperation(db, vm, 'vm.update', { input: { displayPassword } })

  test('goes to the definition and to what runs', async () => {
    const hypervisor = createSimulatedHypervisor()
    const vm = await aVmWith(hypervisor, { from: before, to: asking })
    const told = toldOf(hypervisor)
    const ended = await perform(await update(vm, 'set'), { hypervisor })
    expect(ended.status).toBe('succeeded')
    expect(told).toEqual([
      [
        [null, false],
        ['k3T9w2Qa', true],
      ],
      'k3T9w2Qa',
    ])
    expect(await readVm(db, vm.id)).toMatchObject({ spec: asking, message: '', changedFrom: null })
    expect(JSON.stringify([ended, await readVm(db, vm.id)])).not.toContain('k3T9w2Qa')
  })

  test('is forgotten when it was removed', async () => {
    const hypervisor = createSimulatedHypervisor()
    const vm = await aVmWith(hypervisor, { from: asking, to: before })
    const told = toldOf(hypervisor)
    expect((await perform(await update(vm, 'removed'), { hypervisor })).status).toBe('succeeded')
    expect(told).toEqual([
      [
        [expect.any(String), true],
        [null, false],
      ],
      null,
    ])
    expect(await secretsOf(vm)).toEqual([])
  })

  test.each([
    [
      'set',
      before,
      asking,
      [
        [expect.any(String), true],
        [null, false],
      ],
    ],
    [
      'set',
      asking,
      asking,
      [
        [null, true],
        [null, true],
      ],
    ],
    [
      'removed',
      asking,
      before,
      [
        [null, false],
        ['k3T9w2Qa', true],
      ],
    ],
  ] as const)('that was to be %s is as it was when the node failed', async (what, from, to, undone) => {
    const hypervisor = createSimulatedHypervisor()
    const vm = await aVmWith(hypervisor, { from, to })
    const told = toldOf(hypervisor)
    const { changeSpec } = hypervisor
    let isFirst = true
    hypervisor.changeSpec = async (...specs) => {
      await changeSpec(...specs)
      if (isFirst) {
        isFirst = false
        throw new AppError('internal', 'broken', { reason: 'BROKEN' })
      }
    }
    expect((await perform(await update(vm, what), { hypervisor })).status).toBe('failed')
    expect(told.at(-1)).toEqual(undone)
    expect(await readVm(db, vm.id)).toMatchObject({ spec: from, changedFrom: null })
    expect(await secretsOf(vm)).toHaveLength(1)
  })
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
