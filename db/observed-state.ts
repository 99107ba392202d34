import { and, type Column, eq, exists, inArray, not, type SQL, sql } from 'drizzle-orm'
import { type Database, type Drizzle, hotStatement } from './client.ts'
import type { EventCause } from './events.ts'
import type { Claimant } from './operations/claim.ts'
import { claimPlaceholders, nodeIsCurrent } from './operations/fence.ts'
import { type EventType, events } from './schema/event.ts'
import { type OperationStatus, operations } from './schema/operation.ts'
import { type DiskProblem, type VmRow, type VmState, vms } from './schema/vm.ts'

/** States that a VM may be in, or leave, without anybody having asked. The others belong to an operation. */
const settled = ['STOPPED', 'RUNNING', 'PAUSED', 'UNKNOWN'] as const satisfies VmState[]

/** A VM's row before the node was asked about it. */
export interface SettledVm extends ObservedVm, Pick<VmRow, 'id' | 'diskProblem'> {
  /** Changes with every write of the row. */
  version: string
  /** An operation is at work on it, or waits to go on. */
  busy: boolean
}

const unfinished = ['queued', 'running', 'undoing'] as const satisfies OperationStatus[]

export const isBusy = (drizzle: Drizzle, vmId: Column | string): SQL =>
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
      message: vms.message,
      effectiveCpu: vms.effectiveCpu,
      runningSpec: vms.runningSpec,
      startedAt: vms.startedAt,
      runId: vms.runId,
      definedOnNode: vms.definedOnNode,
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

/** Writes down what a check found of a VM's disks. Returns false where the row is not to be corrected, as below. */
export async function recordDiskProblem(
  db: Database,
  node: Claimant,
  before: SettledVm,
  diskProblem: DiskProblem | null,
): Promise<boolean> {
  const { drizzle } = db
  const written = await drizzle
    .update(vms)
    .set({ diskProblem, updatedAt: sql`now()` })
    .where(
      and(
        eq(vms.id, before.id),
        sql`${vms}.xmin::text = ${before.version}`,
        not(isBusy(drizzle, before.id)),
        nodeIsCurrent(drizzle, node),
      ),
    )
    .returning({ id: vms.id })
  return written.length > 0
}

/** The part of a VM's row that its node knows better. */
export type ObservedVm = Pick<
  VmRow,
  'state' | 'message' | 'effectiveCpu' | 'runningSpec' | 'startedAt' | 'runId' | 'definedOnNode' | 'guestAgentConnected'
>

/** What a node found of a VM, and why it is not as its row says. */
export interface Correction {
  before: SettledVm
  now: ObservedVm
  /** Null where there is nothing to tell. */
  cause: EventCause | null
  /** What is told where the state stays. */
  event?: { type: EventType; message: string }
}

/** Each row of `seen` by its version; the cause is that of them all. */
const correct = hotStatement((db) => {
  const seen = db.$with('seen', { id: vms.id }).as(sql`
    select * from jsonb_to_recordset(${sql.placeholder('corrections')}::jsonb) as correction (
      id uuid, version text, state vm_state, message text, "effectiveCpu" jsonb, "runningSpec" jsonb, "startedAt" timestamptz, "runId" text,
      "definedOnNode" boolean, "guestAgentConnected" boolean, event jsonb)`)
  const corrected = db.$with('corrected', { id: vms.id }).as(sql`
    update vms set state = seen.state, message = seen.message, effective_cpu = nullif(seen."effectiveCpu", 'null'),
      running_spec = nullif(seen."runningSpec", 'null'),
      started_at = seen."startedAt", run_id = seen."runId", defined_on_node = seen."definedOnNode",
      guest_agent_connected = seen."guestAgentConnected", updated_at = now()
    from seen
    where vms.id = seen.id and vms.xmin::text = seen.version and not ${isBusy(db, vms.id)}
      and ${nodeIsCurrent(db, claimPlaceholders)}
      and set_config('quantix.cause', ${sql.placeholder('cause')}::text, true) is not null
    returning vms.id, vms.node_id`)
  const told = db.$with('told', { id: events.vmId }).as(sql`
    insert into events (vm_id, node_id, type, severity, actor, message, details)
    select corrected.id, corrected.node_id, seen.event ->> 'type', (seen.event ->> 'severity')::event_severity,
      (seen.event ->> 'actor')::event_actor, seen.event ->> 'message', seen.event -> 'details'
    from corrected join seen on seen.id = corrected.id where jsonb_typeof(seen.event) = 'object'
    returning vm_id`)
  return db.with(seen, corrected, told).select({ id: corrected.id }).from(corrected).prepare('correct_vms')
})

/**
 * Corrects rows to what their node observed, in one statement for each cause, and returns the ids of those that were. A
 * row is left alone when it has changed since it was read, an operation is at work on its VM, or a newer worker has the
 * node.
 */
export async function recordCorrections(
  db: Database,
  { nodeId, epoch }: Claimant,
  corrections: readonly Correction[],
): Promise<string[]> {
  const written: string[] = []
  const causeOf = ({ cause, event }: Correction) => (cause && !event ? JSON.stringify(cause) : '')
  for (const [cause, same] of Map.groupBy(corrections, causeOf)) {
    const rows = same.map(({ before: { id, version }, now, event, cause: own }) => ({
      id,
      version,
      ...now,
      event: event && { ...own, ...event },
    }))
    const corrected = await correct(db).execute({ nodeId, epoch, cause, corrections: JSON.stringify(rows) })
    written.push(...corrected.map(({ id }) => id))
  }
  return written
}
