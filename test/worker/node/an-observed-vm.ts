import { asc, eq } from 'drizzle-orm'
import { pino } from 'pino'
import { events } from '#db/schema/event.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { aNode, aVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { definitionOf } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { createObserver } from '#worker/node/observer.ts'

export const db = await createTestDatabase()

export const log = pino({ level: 'silent' })

/** A node of its own with a VM that is on it as its row says, and the observer of that node. */
export async function aNodeWithVm(vm: Partial<VmRow>) {
  const claimant = await aNode(db)
  const row = await aVm(db, claimant.nodeId, vm)
  const hypervisor = createSimulatedHypervisor()
  await hypervisor.defineVm(definitionOf(row))
  if (vm.state === 'RUNNING') await hypervisor.startVm(row.id)
  const observer = createObserver({ db, hypervisor, claimant, log })
  return { ...claimant, vm: row, hypervisor, observer }
}

/** The history of a VM, the oldest first. */
export const tellingOf = async (vmId: string) =>
  db.drizzle.select().from(events).where(eq(events.vmId, vmId)).orderBy(asc(events.id))
