import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { Drizzle } from '#db/client.ts'
import { ruleOf, type VmAction } from '#db/rules/vm-actions.ts'
import type { SnapshotCounts } from '#db/rules/vm-refusal.ts'
import type { EventActor } from '#db/schema/event.ts'
import { type OperationRow, operations } from '#db/schema/operation.ts'
import { vms } from '#db/schema/vm.ts'
import { snapshotCounts, snapshotsAllow } from '#db/snapshot-counts.ts'
import type { OperationInput, OperationKind } from './catalog.ts'

/** Condition on `operations`: it still holds its VM. The words of the index that allows one such row per VM. */
export const unfinished = sql`${operations.status} in ('queued', 'running', 'undoing')`

/** What an operation is known by: enough to ring for it and to answer with. */
export const recordedColumns = {
  id: operations.id,
  kind: operations.kind,
  status: operations.status,
  nodeId: operations.nodeId,
  input: operations.input,
}

export type RecordedOperation = Pick<OperationRow, 'id' | 'kind' | 'status' | 'nodeId' | 'input'>

/** Parts of a statement on one VM, placeholder `vmId`: its row, locked, the unfinished operation that is visible, and its snapshots. */
export const vmAndCurrent = (drizzle: Drizzle) => ({
  vm: drizzle.$with('vm', getTableColumns(vms)).as(sql`
    select * from vms where id = ${sql.placeholder('vmId')}::uuid for update`),
  current: drizzle.$with('current').as(
    drizzle
      .select(recordedColumns)
      .from(operations)
      .where(and(eq(operations.vmId, sql.placeholder('vmId')), unfinished)),
  ),
  counted: drizzle.$with('counted', { snapshots: sql<SnapshotCounts>`snapshots`.as('snapshots') }).as(sql`
    select ${snapshotCounts(sql`vm.id`)} as snapshots from vm`),
})

/** The part `operation` of a statement: records what `source` selects (id, kind, vm_id, node_id, input, actor). */
export const recordOperations = (drizzle: Drizzle, source: SQL) =>
  drizzle.$with('operation', { ...recordedColumns, vmId: operations.vmId }).as(sql`
    insert into operations (id, kind, vm_id, node_id, input, actor) ${source}
    returning id, kind, status, vm_id, node_id, input`)

/**
 * The part of a statement that records an operation on the VM in its part `vm`, with the values of `recordValues`: one row
 * when the condition holds and no other operation of the VM is unfinished, else none. The condition is `vmMayBegin` and
 * more: the unique index alone would wait for a transaction that finishes the other operation, which in turn waits for
 * the VM's row.
 */
export const recordOperation = (drizzle: Drizzle, condition: SQL) =>
  recordOperations(
    drizzle,
    sql`
    select ${sql.placeholder('operationId')}::uuid, ${sql.placeholder('kind')}, vm.id, vm.node_id,
      ${sql.placeholder('input')}::jsonb, ${sql.placeholder('actor')}::event_actor
    from vm where ${condition}
    on conflict (vm_id) where status in ('queued', 'running', 'undoing') do nothing`,
  )

/** Condition for `recordOperation` in a statement with `vmAndCurrent`: neither `vmRefusal` nor `snapshotBarRefusal` has anything against the action. */
export const vmMayBegin = (action: VmAction): SQL =>
  sql`${inRightState(action)} and not exists (select from current) and ${vmAllows(action)}`

/** Condition: `vmMay`. */
const inRightState = (action: VmAction): SQL => {
  const { from, alsoUnknown = false } = ruleOf(action)
  return sql`(vm.state in ${from} or (${alsoUnknown}::boolean and vm.state = 'UNKNOWN' and vm.defined_on_node))`
}

/** Condition: neither the VM's disks, nor who made it, nor its snapshots are against the action. */
export const vmAllows = (action: VmAction): SQL => {
  const { needsDisksInStep, needsOwnDisks = false, onlyAdopted = false } = ruleOf(action)
  return sql`(vm.disk_problem is null or not ${needsDisksInStep}::boolean)
    and (vm.unmanaged is null or not ${needsOwnDisks}::boolean or vm.unmanaged -> 'disks' = '[]')
    and (vm.unmanaged is not null or not ${onlyAdopted}::boolean)
    and ${snapshotsAllow(action)}`
}

/** The values of the placeholders in `recordOperation`; `actor` asked for it. */
export const recordValues = <K extends OperationKind>(
  operationId: string,
  kind: K,
  input: OperationInput<K>,
  actor: EventActor = 'user',
) => ({ operationId, kind, input: JSON.stringify(input), actor })
