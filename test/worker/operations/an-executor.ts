import { pino } from 'pino'
import { afterEach } from 'vitest'
import type { VmRow } from '#db/schema/vm.ts'
import { eventually } from '#test/db/eventually.ts'
import { aNode, aVm, readOperation } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { definitionOf } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor, type SimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { createExecutor, type Executor, type ExecutorDependencies } from '#worker/operations/executor.ts'

export const db = await createTestDatabase()
const open = new Set<Executor>()
afterEach(async () => {
  for (const executor of open) await executor.close(2000)
  open.clear()
})

/** An executor on a simulated node, closed after the test. */
export async function anExecutor(options: Partial<ExecutorDependencies> = {}) {
  const claimant = options.claimant ?? (await aNode(db))
  const hypervisor = (options.hypervisor as SimulatedHypervisor | undefined) ?? createSimulatedHypervisor()
  const log = pino({ level: 'silent' })
  const executor = createExecutor({
    db,
    log,
    secretBox: testSecretBox,
    concurrency: 4,
    ...options,
    hypervisor,
    claimant,
  })
  open.add(executor)
  return { executor, hypervisor, claimant }
}

export const ended = (id: string, timeoutMs?: number) =>
  eventually(async () => {
    const operation = await readOperation(db, id)
    return (operation.status === 'succeeded' || operation.status === 'failed') && operation
  }, timeoutMs)

/** A VM that is on the node and runs. */
export async function aRunningVm(hypervisor: SimulatedHypervisor, nodeId: string, vm: Partial<VmRow> = {}) {
  const row = await aVm(db, nodeId, { state: 'RUNNING', ...vm })
  await hypervisor.defineVm(definitionOf(row))
  await hypervisor.startVm(row.id)
  return row
}
