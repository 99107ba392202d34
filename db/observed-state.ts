import { and, type Column, eq, exists, inArray, not, type SQL, sql } from 'drizzle-orm'
import { type Database, type Drizzle, hotStatement } from './client.ts'
import { becauseOf, type EventCause } from './events.ts'
import { nodeIsCurrent } from './operations/fence.ts'
import { type OperationStatus, operations } from './schema/operation.ts'
import { type VmRow, type VmState, vms } from './schema/vm.ts'

/** States that a VM may be in, or leave, without anybody having asked. The others belong to an operation. */
const settled = ['STOPPED', 'RUNNING', 'PAUSED', 'UNKNOWN'] as const satisfies VmState[]

/** A VM's row before the node was asked about it. */
export interface SettledVm extends Pick<VmRow, 'id' | 'state' | 'startedAt' | 'guestAgentConnected' | 'diskProblem'> {
  /** Changes with every write of the row. */
  version: string
  /** An operation is at work on it, or waits to go on. */
  busy: boolean
}

const unfinished = ['queued', 'running', 'undoing'] as const satisfies OperationStatus[]

const isBusy = (drizzle: Drizzle, vmId: Column | string): SQL =>
  exists(
    drizzle
      .select({ one: sql`1` })
      .from(operations)
      .where(and(eq(operations.vmId, vmId), inArray(operations.status, [...unfinished]))),
  )

const settledVms = hotStatement((db) => {
  const version = sql<string>`${vms}.xmin::text`
  return db
    .select({
      id: vms.id,
      state: vms.state,
      startedAt: vms.startedAt,
      guestAgentConnected: vms.guestAgentConnected,
      diskProblem: vms.diskProblem,
      version,
      busy: sql<boolean>`${isBusy(db, vms.id)}`,
    })
    .from(vms)
    .where(
      and(
        eq(vms.nodeId, sql.placeholder('nodeId')),
        inArray(vms.state, [...settled]),
        sql`(${sql.placeholder('vmId')}::uuid is null or ${vms.id} = ${sql.placeholder('vmId')}::uuid)`,
      ),
    )
    .prepare('settled_vms')
})

/** The node's VMs, or one of them, whose state may be compared with what the node observes. */
export const findSettledVms = (db: Database, nodeId: string, vmId?: string): Promise<SettledVm[]> =>
  settledVms(db).execute({ nodeId, vmId: vmId ?? null })

/** What a node may correct in a VM's row; what it leaves out stays. */
export type ObservedState = Partial<
  Pick<VmRow, 'state' | 'message' | 'effectiveCpu' | 'startedAt' | 'guestAgentConnected' | 'diskProblem'>
>

/**
 * Corrects a VM's row to what its node observed. Does nothing, and returns false, when the row has changed since it was
 * read, an operation is at work on the VM, or a newer worker has the node.
 */
export async function recordObservedState(
  db: Database,
  node: { nodeId: string; epoch: number },
  before: SettledVm,
  observed: ObservedState,
  cause?: EventCause,
): Promise<boolean> {
  const { drizzle } = db
  const written = await drizzle
    .update(vms)
    .set({ ...observed, updatedAt: sql`now()` })
    .where(
      and(
        eq(vms.id, before.id),
        sql`${vms}.xmin::text = ${before.version}`,
        not(isBusy(drizzle, before.id)),
        nodeIsCurrent(drizzle, node),
        cause && becauseOf(cause),
      ),
    )
    .returning({ id: vms.id })
  return written.length > 0
}
