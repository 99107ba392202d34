import { expect, test } from 'vitest'
import type { VmRow } from '#db/schema/vm.ts'
import { anOperation, readVm } from '#test/db/rows.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, holdsTheGuarantees, perform } from './harness.ts'

async function aPausedVm(hypervisor: SimulatedHypervisor, vm: Partial<VmRow> = {}): Promise<VmRow> {
  const row = await aVmOnNode(hypervisor, 'RUNNING', vm)
  await perform(await anOperation(db, row, 'vm.pause'), { hypervisor })
  return row
}

holdsTheGuarantees({
  kind: 'vm.resume',
  async arrange(hypervisor) {
    const vm = await aPausedVm(hypervisor)
    return { vm, input: { vmId: vm.id } }
  },
  async expectDone({ contents }, vm) {
    expect(contents.vms[vm.id]?.state).toBe('RUNNING')
    expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: '', startedAt: vm.startedAt })
  },
  async expectUndone({ contents }, vm) {
    const state = contents.vms[vm.id]?.state
    expect(await readVm(db, vm.id)).toMatchObject({ state, message: 'Failed to resume: injected' })
  },
})

test("its result says how far the guest's clock was off, and what it was set to", async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aPausedVm(hypervisor)
  const { result } = await perform(await anOperation(db, vm, 'vm.resume'), { hypervisor })
  expect(result).toMatchObject({ clock: { corrected: true, offsetSeconds: expect.any(Number), source: 'node' } })
})

test('a guest without an agent runs on, and the VM says that its clock is behind', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aPausedVm(hypervisor, { name: `has-no-agent-${crypto.randomUUID()}` })
  const { status, result } = await perform(await anOperation(db, vm, 'vm.resume'), { hypervisor })
  expect(status).toBe('succeeded')
  expect(result).toMatchObject({ clock: { corrected: false, offsetSeconds: null, source: null } })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: result?.clock?.message })
})
