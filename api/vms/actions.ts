import { getTableColumns, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { ring } from '#api/operations/service.ts'
import { hotStatement } from '#db/client.ts'
import type { OperationInput } from '#db/operations/catalog.ts'
import {
  type RecordedOperation,
  recordOperation,
  recordValues,
  vmAndCurrent,
  vmMayBegin,
} from '#db/operations/record.ts'
import type { VmAction } from '#db/rules/vm-actions.ts'
import { type VmState, vms } from '#db/schema/vm.ts'
import { actionRefusal } from './refusal.ts'
import type { VmStopInput } from './schemas.ts'
import { vmNotFound } from './service.ts'
import type { VmWithOperation } from './view.ts'

/** What became of a request: the VM as it now is, and the operation that began, or null when there was nothing to do. */
export interface Begun extends VmWithOperation {
  begun: RecordedOperation | null
}

type PowerAction = Extract<VmAction, 'start' | 'stop' | 'delete' | 'forceDelete'>

/** Locks the VM; when its state allows the action and it is free, records the operation and moves the state on. */
const actionStatement = (action: PowerAction, next: VmState) =>
  hotStatement((drizzle) => {
    const { vm, current } = vmAndCurrent(drizzle)
    const operation = recordOperation(drizzle, vmMayBegin(action))
    const changed = drizzle.$with('changed', getTableColumns(vms)).as(sql`
      update vms set state = ${next}, message = '', updated_at = now()
      from operation where vms.id = operation.vm_id
      returning vms.*`)
    return drizzle
      .with(vm, current, operation, changed)
      .select()
      .from(vm)
      .leftJoin(current, sql`true`)
      .leftJoin(operation, sql`true`)
      .leftJoin(changed, sql`true`)
      .prepare(`vm_${action}`)
  })

const statements = {
  start: actionStatement('start', 'STARTING'),
  stop: actionStatement('stop', 'STOPPING'),
  delete: actionStatement('delete', 'DELETING'),
  forceDelete: actionStatement('forceDelete', 'DELETING'),
} as const satisfies Record<PowerAction, unknown>

/** Starts a stopped VM; a running one is left as it is. */
export const startVm = (deps: Deps, vmId: string): Promise<Begun> =>
  begin(deps, vmId, { action: 'start', kind: 'vm.start', input: { vmId }, reached: 'RUNNING' })

/** Stops a running or paused VM; a stopped one is left as it is. */
export const stopVm = (deps: Deps, vmId: string, options: VmStopInput): Promise<Begun> =>
  begin(deps, vmId, { action: 'stop', kind: 'vm.stop', input: { vmId, ...options }, reached: 'STOPPED' })

/** Deletes a VM that does not run; with `force` also one that does. */
export const deleteVm = (deps: Deps, vmId: string, force: boolean): Promise<Begun> =>
  begin(deps, vmId, {
    action: force ? 'forceDelete' : 'delete',
    kind: 'vm.delete',
    input: { vmId, force },
    reached: null,
  })

interface Wanted<K extends 'vm.start' | 'vm.stop' | 'vm.delete'> {
  action: PowerAction
  kind: K
  input: OperationInput<K>
  /** The state in which there is nothing to do. */
  reached: VmState | null
}

async function begin<K extends 'vm.start' | 'vm.stop' | 'vm.delete'>(
  deps: Deps,
  vmId: string,
  { action, kind, input, reached }: Wanted<K>,
): Promise<Begun> {
  const [found] = await statements[action](deps.database).execute({
    vmId,
    ...recordValues(deps.newId(), kind, input),
  })
  if (!found) throw vmNotFound(vmId)
  if (found.operation && found.changed) {
    ring(deps, found.operation)
    return { vm: found.changed, operation: found.operation, begun: found.operation }
  }
  if (found.vm.state === reached) return { vm: found.vm, operation: found.current, begun: null }
  throw await actionRefusal(deps.database, vmId, action)
}
