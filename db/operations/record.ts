import { type SQL, sql } from 'drizzle-orm'
import { type OperationRow, operations } from '#db/schema/operation.ts'
import type { OperationInput, OperationKind } from './catalog.ts'

/** Condition on `operations`: it still holds its VM. The words of the index that allows one such row per VM. */
export const unfinished = sql`${operations.status} in ('queued', 'running', 'undoing')`

/** What a recorded operation is known by: enough to ring for it and to answer with. */
export const recordedColumns = {
  id: operations.id,
  kind: operations.kind,
  status: operations.status,
  nodeId: operations.nodeId,
}

export type RecordedOperation = Pick<OperationRow, 'id' | 'kind' | 'status' | 'nodeId'>

/**
 * The part of a statement that records an operation on the VM in `vm`, a CTE with `id` and `node_id`: a row when the
 * condition holds and no other operation of the VM is unfinished, else none. Its values are `recordValues`.
 *
 * The condition must refuse a VM whose unfinished operation is visible: the unique index alone would wait for a
 * transaction that finishes it, which in turn waits for the VM's row.
 */
export const recordOperation = (vm: SQL, condition: SQL = sql`true`): SQL => sql`
  insert into operations (id, kind, vm_id, node_id, input)
  select ${sql.placeholder('operationId')}::uuid, ${sql.placeholder('kind')}, vm.id, vm.node_id,
    ${sql.placeholder('input')}::jsonb
  from ${vm} as vm where ${condition}
  on conflict (vm_id) where status in ('queued', 'running', 'undoing') do nothing
  returning *`

/** The values of the placeholders in `recordOperation`. */
export const recordValues = <K extends OperationKind>(operationId: string, kind: K, input: OperationInput<K>) => ({
  operationId,
  kind,
  input: JSON.stringify(input),
})
