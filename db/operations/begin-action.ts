import { getTableColumns, sql } from 'drizzle-orm'
import { type Database, hotStatement } from '#db/client.ts'
import type { AppError } from '#db/errors.ts'
import { isReached, ruleOf, type VmAction, vmActionNames } from '#db/rules/vm-actions.ts'
import { actionRefusal, vmNotFound } from '#db/rules/vm-refusal.ts'
import { vms } from '#db/schema/vm.ts'
import { waitsForNode } from '#db/silent-nodes.ts'
import { getVm, type VmWithOperation } from '#db/vms.ts'
import { type BeginDependencies, ring, untilBegun } from './begin.ts'
import type { OperationInput, OperationKind } from './catalog.ts'
import { mayBeginOrOvertake, overtakenOperation } from './overtake.ts'
import { type RecordedOperation, recordOperation, recordValues, vmAllows, vmAndCurrent } from './record.ts'

/** An operation on a VM that exists. */
export interface VmRequest<K extends OperationKind = OperationKind> {
  action: VmAction
  kind: K
  input: OperationInput<K>
}

/** What became of a request: the VM as it now is, and the operation that began, or null when there was nothing to do. */
export interface Begun extends VmWithOperation {
  begun: RecordedOperation | null
}

/**
 * Locks the VM; when its state allows the action, the condition holds and it is free, or what goes on there can be
 * overtaken, records the operation and moves the state on.
 */
export const actionStatement = (action: VmAction, condition = sql`true`, name = `vm_${action}`) =>
  hotStatement((drizzle) => {
    const { vm, current, counted } = vmAndCurrent(drizzle)
    const overtaken = overtakenOperation(drizzle, action, sql`${vmAllows(action)} and ${condition}`)
    const operation = recordOperation(drizzle, sql`${mayBeginOrOvertake(action)} and ${condition}`)
    const { meanwhile = null } = ruleOf(action)
    const changed = drizzle.$with('changed', getTableColumns(vms)).as(sql`
      update vms set state = coalesce(${meanwhile}::vm_state, state), message = (
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

const statements = Object.fromEntries(vmActionNames.map((action) => [action, actionStatement(action)])) as Record<
  VmAction,
  ReturnType<typeof actionStatement>
>

/** What else must be true of the VM. */
export interface ActionCondition {
  /** Made with the condition. */
  statement: ReturnType<typeof actionStatement>
  /** Of the placeholders in the condition. */
  values?: Record<string, unknown>
  /** Why the condition does not hold; null where it does. Without it the condition may hold the next time. */
  refusal?: (now: VmWithOperation) => AppError | null
}

/** Begins an action, or finds that there is nothing to do. Throws why neither is so. */
export const beginAction = <K extends OperationKind>(
  deps: BeginDependencies,
  vmId: string,
  request: VmRequest<K>,
  condition?: ActionCondition,
): Promise<Begun> => untilBegun(() => tryAction(deps, vmId, request, condition))

/** As `beginAction`, once: null where nothing is against it by now. */
export async function tryAction<K extends OperationKind>(
  deps: BeginDependencies,
  vmId: string,
  { action, kind, input }: VmRequest<K>,
  { statement, values, refusal }: ActionCondition = { statement: statements[action] },
): Promise<Begun | null> {
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
  // A fresh look: what the statement saw may be older than its lock.
  const now = await getVm(deps.database, vmId)
  if (isReached(action, now.vm, now.operation)) return { ...now, begun: null }
  const why = actionRefusal(action, now) ?? refusal?.(now)
  if (why) throw why
  return null
}

/** Throws why a VM may not begin an action by now, and `not_found`. */
export async function requireAllowed(database: Database, vmId: string, action: VmAction): Promise<void> {
  const refusal = actionRefusal(action, await getVm(database, vmId))
  if (refusal) throw refusal
}
