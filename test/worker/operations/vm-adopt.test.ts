import { expect, test } from 'vitest'
import type { OperationKind } from '#db/operations/catalog.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { anOperation, aVm, readVm } from '#test/db/rows.ts'
import { aDefinition } from '#test/support/vm-spec.ts'
import type { MadeByOthers } from '#worker/hypervisor/simulated/host-domains.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { db, holdsTheGuarantees, node, perform } from './harness.ts'

/** A domain that runs, and the row that a request to adopt it has made of what was known of it a while ago. */
async function aDomain(hypervisor: SimulatedHypervisor, parts: Partial<MadeByOthers> = {}): Promise<VmRow> {
  const definition = { ...aDefinition({ spec: { memory: { sizeMib: 512 } } }), tscFrequencyHz: 1_000_000_000 }
  definition.spec.cpuMode = 'custom'
  hypervisor.makeForeign({
    definition,
    state: 'RUNNING',
    unmanaged: { devices: ['hostdev'], disks: ['vda'] },
    ...parts,
  })
  return aVm(db, node.nodeId, {
    id: definition.vmId,
    state: 'CREATING',
    unmanaged: { devices: [], disks: [] },
    effectiveCpu: null,
  })
}

holdsTheGuarantees({
  kind: 'vm.adopt',
  async arrange(hypervisor) {
    const vm = await aDomain(hypervisor)
    return { vm, input: { vmId: vm.id } }
  },
  async expectDone({ contents }, vm) {
    expect(await readVm(db, vm.id)).toMatchObject({
      name: vm.name,
      state: 'RUNNING',
      message: '',
      spec: { cpuMode: 'custom', memory: { sizeMib: 512 } },
      unmanaged: { devices: ['hostdev'], disks: ['vda'] },
      tscFrequencyHz: 1_000_000_000,
      startedAt: null,
      effectiveCpu: { mode: 'custom' },
    })
    expect(contents.vms[vm.id]?.starts).toBe(1)
  },
  // The domain goes on, and can be adopted again.
  async expectUndone({ contents }, vm) {
    expect(await readVm(db, vm.id)).toBeUndefined()
    expect(contents.vms[vm.id]).toMatchObject({ state: 'RUNNING', starts: 1 })
  },
})

test('since when one ran that was adopted stays unknown until it is started again', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aDomain(hypervisor)
  const startedAtAfter = async (kind: OperationKind, input = {}) => {
    await perform(await anOperation(db, vm, kind, { input }), { hypervisor })
    return (await readVm(db, vm.id))?.startedAt
  }
  expect(await startedAtAfter('vm.adopt')).toBeNull()
  expect(await startedAtAfter('vm.pause')).toBeNull()
  expect(await startedAtAfter('vm.resume')).toBeNull()
  expect(await startedAtAfter('vm.stop', { force: true, timeoutSeconds: 1 })).toBeNull()
  expect(await startedAtAfter('vm.start')).toBeInstanceOf(Date)
})

test('a domain that was undefined meanwhile is told of, and leaves no VM', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aDomain(hypervisor)
  hypervisor.changeUnasked(vm.id, 'STOPPED')
  hypervisor.changeUnasked(vm.id, 'undefined')
  const ended = await perform(await anOperation(db, vm, 'vm.adopt'), { hypervisor })
  expect(ended).toMatchObject({ status: 'failed', error: { code: 'not_found', reason: 'DOMAIN_NOT_FOUND' } })
  expect(await readVm(db, vm.id)).toBeUndefined()
})

test.each([
  ['DOMAIN_IS_TRANSIENT', { persistent: false }],
  ['DOMAIN_HAS_SAVED_MEMORY', { managedSave: true }],
  ['DISK_OF_ANOTHER_VM', { sharesDiskWith: ['019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11'] }],
])('what came in the way meanwhile is refused as the API would have: %s', async (reason, parts) => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aDomain(hypervisor, parts)
  const ended = await perform(await anOperation(db, vm, 'vm.adopt'), { hypervisor })
  expect(ended).toMatchObject({ status: 'failed', error: { code: 'failed_precondition', reason } })
  expect(await readVm(db, vm.id)).toBeUndefined()
})
