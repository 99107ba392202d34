import { getTableColumns, type SQL, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { hotStatement } from '#db/client.ts'
import type { AppError } from '#db/errors.ts'
import { changedMeanwhile, ring } from '#db/operations/begin.ts'
import type { OperationInput, OperationKind } from '#db/operations/catalog.ts'
import { mayBeginOrOvertake, overtakenOperation } from '#db/operations/overtake.ts'
import { type RecordedOperation, recordOperation, recordValues, vmAllows, vmAndCurrent } from '#db/operations/record.ts'
import { isReached, type VmAction } from '#db/rules/vm-actions.ts'
import { vmNotFound } from '#db/rules/vm-refusal.ts'
import { type VmState, vms } from '#db/schema/vm.ts'
import { waitsForNode } from '#db/silent-nodes.ts'
import type { VmWithOperation } from '#db/vms.ts'
import { actionRefusal } from './refusal.ts'

/** What became of a request: the VM as it now is, and the operation that began, or null when there was nothing to do. */
export interface Begun extends VmWithOperation {
  begun: RecordedOperation | null
}

/** How a request makes an operation. */
export interface ActionStatement {
  action: VmAction
  /** The state while the operation goes on; without one it stays what it is. */
  next?: VmState
  /** What else must be true of the VM. */
  condition?: SQL
}

/**
 * Locks the VM; when its state allows the action and it is free, or what goes on there can be overtaken, records the
 * operation and moves the state on.
 */
export const actionStatement = ({ action, next, condition = sql`true` }: ActionStatement, name = `vm_${action}`) =>
  hotStatement((drizzle) => {
    const { vm, current, counted } = vmAndCurrent(drizzle)
    const overtaken = overtakenOperation(drizzle, action, sql`${vmAllows(action)} and ${condition}`)
    const operation = recordOperation(drizzle, sql`${mayBeginOrOvertake(action)} and ${condition}`)
    const changed = drizzle.$with('changed', getTableColumns(vms)).as(sql`
      update vms set state = coalesce(${next ?? null}::vm_state, state), message = (
        select ${waitsForNode('nodes', 'what was asked for is done')} from nodes where nodes.id = vms.node_id), updated_at = now()
      from operation where vms.id = operation.vm_id
      returning vms.*`)
    return drizzle
      .with(vm, current, counted, overtaken, operation, changed)
      .select()
      .from(vm)
      .innerJoin(counted, sql`true`)
      .leftJoin(current, sql`true`)
      .leftJoin(operation, sql`true`)
      .leftJoin(changed, sql`true`)
      .prepare(name)
  })

interface Wanted<K extends OperationKind> {
  action: VmAction
  statement: ReturnType<typeof actionStatement>
  kind: K
  input: OperationInput<K>
  /** Of the placeholders in the statement's own condition. */
  values?: Record<string, unknown>
  /** Why the statement's own condition does not hold; null where it does. */
  refusal?: () => Promise<AppError | null>
}

/** What goes on there may be written at the very moment; it is asked so often whether that was all. */
const attempts = 5

/** Begins an action, or finds that there is nothing to do. Throws why neither is so. */
export async function beginAction<K extends OperationKind>(
  deps: Deps,
  vmId: string,
  { action, statement, kind, input, values, refusal: ownRefusal }: Wanted<K>,
): Promise<Begun> {
  for (let attempt = 1; ; attempt++) {
    const [found] = await statement(deps.database).execute({
      vmId,
      ...recordValues(deps.newId(), kind, input),
      ...values,
    })
    if (!found) throw vmNotFound(vmId)
    const { snapshots } = found.counted
    if (found.operation && found.changed) {
      ring(deps, found.operation)
      return { vm: found.changed, operation: found.operation, snapshots, begun: found.operation }
    }
    if (isReached(action, found.vm, found.current)) {
      return { vm: found.vm, operation: found.current, snapshots, begun: null }
    }
    const refusal = (await actionRefusal(deps.database, vmId, action)) ?? (await ownRefusal?.())
    if (refusal || attempt === attempts) throw refusal ?? changedMeanwhile()
  }
}
