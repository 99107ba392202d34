import { eq, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { remedies } from '#db/rules/remedies.ts'
import { snapshots } from '#db/schema/snapshot.ts'
import { getVm } from '#db/vms.ts'
import { actionStatement, type Begun, beginAction } from './actions.ts'

const next = 'DELETING'
const statements = {
  delete: actionStatement({ action: 'delete', next }),
  forceDelete: actionStatement({ action: 'forceDelete', next }),
} as const

/** `keepDisksRefusal` in SQL. */
const mayKeepDisks = sql`vm.disk_problem is null and not exists (select from snapshots where vm_id = vm.id)`
const keepingStatements = {
  delete: actionStatement({ action: 'delete', next, condition: mayKeepDisks }, 'vm_delete_keep'),
  forceDelete: actionStatement({ action: 'forceDelete', next, condition: mayKeepDisks }, 'vm_force_delete_keep'),
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
  return beginAction(deps, vmId, {
    action,
    statement: (deleteDisks ? statements : keepingStatements)[action],
    kind: 'vm.delete',
    input: { vmId, force, deleteDisks },
    ...(!deleteDisks && { refusal: () => keepDisksRefusal(deps.database, vmId) }),
  })
}

/** Why the disks of a VM cannot outlive it now; null where they can. */
async function keepDisksRefusal(database: Database, vmId: string): Promise<AppError | null> {
  const { vm } = await getVm(database, vmId)
  if (vm.diskProblem) {
    const { reason, message } = vm.diskProblem
    return new AppError('failed_precondition', message, { reason, details: { vmId } })
  }
  const count = await database.drizzle.$count(snapshots, eq(snapshots.vmId, vmId))
  if (count === 0) return null
  return new AppError(
    'failed_precondition',
    `VM ${vm.name} has ${count} snapshots, and its disks stand on their files. Delete them first, or delete the disks too.`,
    { reason: 'VM_HAS_SNAPSHOTS', details: { vmId, count, remedies: [remedies.deleteSnapshots] } },
  )
}
