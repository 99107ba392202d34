import { sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { AppError } from '#db/errors.ts'
import { actionStatement, type Begun, beginAction } from '#db/operations/begin-action.ts'
import { remedies } from '#db/rules/remedies.ts'
import type { VmWithOperation } from '#db/vms.ts'

/** `keepDisksRefusal` in SQL. */
const mayKeepDisks = sql`vm.disk_problem is null and not exists (select from snapshots where vm_id = vm.id)`

const keepingStatements = {
  delete: actionStatement('delete', mayKeepDisks, 'vm_delete_keep'),
  forceDelete: actionStatement('forceDelete', mayKeepDisks, 'vm_force_delete_keep'),
} as const

/**
 * Deletes a VM that does not run; with `force` also one that does, or whose guest is just being asked to stop. Its disks
 * go with it unless `deleteDisks` is false.
 */
export function deleteVm(
  deps: Deps,
  vmId: string,
  { force, deleteDisks }: { force: boolean; deleteDisks: boolean },
): Promise<Begun> {
  const action = force ? 'forceDelete' : 'delete'
  const request = { action, kind: 'vm.delete', input: { vmId, force, deleteDisks } } as const
  if (deleteDisks) return beginAction(deps, vmId, request)
  return beginAction(deps, vmId, request, { statement: keepingStatements[action], refusal: keepDisksRefusal })
}

/** Why the disks of a VM cannot outlive it now; null where they can. */
function keepDisksRefusal({ vm, snapshots }: VmWithOperation): AppError | null {
  const { id: vmId, name, diskProblem } = vm
  if (diskProblem) {
    const { reason, message } = diskProblem
    return new AppError('failed_precondition', message, { reason, details: { vmId } })
  }
  const count = snapshots.any
  if (count === 0) return null
  return new AppError(
    'failed_precondition',
    `VM ${name} has ${count} snapshots, and its disks stand on their files. Delete them first, or delete the disks too.`,
    { reason: 'VM_HAS_SNAPSHOTS', details: { vmId, count, remedies: [remedies.deleteSnapshots] } },
  )
}
