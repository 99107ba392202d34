import { expect, test } from 'vitest'
import { anOperation, readVm } from '#test/db/rows.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aVmOnNode, db, perform } from './harness.ts'

const problem = { reason: 'DISK_CHAIN_UNKNOWN', message: 'QEMU writes elsewhere' }

test.for([
  { kind: 'vm.start', state: 'STOPPED', input: {} },
  { kind: 'vm.stop', state: 'RUNNING', input: { force: false, timeoutSeconds: 1 } },
  { kind: 'vm.stop', state: 'RUNNING', input: { force: true, timeoutSeconds: 0 } },
] as const)('a VM whose disks are out of step is left as it is by $kind $input', async ({ kind, state, input }) => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, state)
  hypervisor.changeDiskProblem(vm.id, problem)
  const refused = await perform(await anOperation(db, vm, kind, { input }), { hypervisor })
  expect(refused).toMatchObject({ status: 'failed', error: { code: 'failed_precondition', ...problem } })
  expect(hypervisor.contents.vms[vm.id]?.state).toBe(state)
  expect(await readVm(db, vm.id)).toMatchObject({ state })

  hypervisor.changeDiskProblem(vm.id, null)
  const done = await perform(await anOperation(db, vm, kind, { input }), { hypervisor })
  expect(done.status).toBe('succeeded')
})

test('a VM whose disks get out of step while its guest shuts down keeps its power', async () => {
  const hypervisor = createSimulatedHypervisor()
  const vm = await aVmOnNode(hypervisor, 'RUNNING', { name: 'ignores-shutdown' })
  const stop = await anOperation(db, vm, 'vm.stop', { input: { force: false, timeoutSeconds: 0 } })
  const at = (step: string) => {
    if (step === 'shut-down') hypervisor.changeDiskProblem(vm.id, problem)
  }
  expect(await perform(stop, { hypervisor, at })).toMatchObject({ status: 'failed', error: problem })
  expect(hypervisor.contents.vms[vm.id]?.state).toBe('RUNNING')
})
