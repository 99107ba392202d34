import { getTableColumns, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { operationInProgress, ring } from '#api/operations/service.ts'
import { actionRefusal } from '#api/vms/refusal.ts'
import { getVm, vmNotFound } from '#api/vms/service.ts'
import { type Database, hotStatement } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { type RecordedOperation, recordOperation, recordValues, vmAndCurrent, vmIsFree } from '#db/operations/record.ts'
import { memorySnapshotBlocked, memorySnapshotBlockedError } from '#db/rules/memory-snapshot.ts'
import { allowedFrom } from '#db/rules/vm-actions.ts'
import { type SnapshotRow, snapshots } from '#db/schema/snapshot.ts'
import type { SnapshotCreateInput } from './schemas.ts'

/** Locks the VM; when its state allows it, it is free and the name is too, records the operation and the snapshot. */
const insertSnapshot = hotStatement((drizzle) => {
  const { vm, current } = vmAndCurrent(drizzle)
  const namesake = drizzle.$with('namesake', { id: snapshots.id }).as(sql`
    select id from snapshots
    where vm_id = ${sql.placeholder('vmId')} and name = ${sql.placeholder('name')} and state <> 'FAILED'`)
  const operation = recordOperation(
    drizzle,
    sql`vm.state in ${allowedFrom.snapshot} and ${vmIsFree} and not exists (select from namesake)`,
  )
  const snapshot = drizzle.$with('snapshot', getTableColumns(snapshots)).as(sql`
    insert into snapshots (id, vm_id, name, description, include_memory, quiesce, state)
    select ${sql.placeholder('snapshotId')}::uuid, operation.vm_id, ${sql.placeholder('name')},
      ${sql.placeholder('description')}, ${sql.placeholder('includeMemory')}::boolean,
      ${sql.placeholder('quiesce')}::boolean, 'CREATING'
    from operation
    returning *`)
  return drizzle
    .with(vm, current, namesake, operation, snapshot)
    .select()
    .from(vm)
    .leftJoin(current, sql`true`)
    .leftJoin(namesake, sql`true`)
    .leftJoin(operation, sql`true`)
    .leftJoin(snapshot, sql`true`)
    .prepare('snapshot_create')
})

/**
 * Records a snapshot and the operation that takes it, in one statement.
 * Throws `memorySnapshotBlockedError` when the CPU that runs is known to forbid it; the worker asks the CPU again.
 */
export async function createSnapshot(
  deps: Deps,
  vmId: string,
  wanted: SnapshotCreateInput,
): Promise<{ snapshot: SnapshotRow; operation: RecordedOperation }> {
  if (wanted.includeMemory) await refuseBlockedMemory(deps.database, vmId)
  const snapshotId = deps.newId()
  const [found] = await insertSnapshot(deps.database).execute({
    ...wanted,
    vmId,
    snapshotId,
    ...recordValues(deps.newId(), 'snapshot.create', { vmId, snapshotId }),
  })
  if (!found) throw vmNotFound(vmId)
  if (found.operation && found.snapshot) {
    ring(deps, found.operation)
    return { snapshot: found.snapshot, operation: found.operation }
  }
  if (found.current) throw operationInProgress(found.vm.name, found.current)
  if (found.namesake) throw nameTaken(found.vm.name, wanted.name, found.namesake.id)
  throw await actionRefusal(deps.database, vmId, 'snapshot')
}

async function refuseBlockedMemory(database: Database, vmId: string): Promise<void> {
  const { vm } = await getVm(database, vmId)
  const runs = vm.state === 'RUNNING' || vm.state === 'PAUSED'
  if (runs && vm.effectiveCpu && memorySnapshotBlocked(vm.effectiveCpu)) {
    throw memorySnapshotBlockedError(vmId, vm.effectiveCpu)
  }
}

const nameTaken = (vmName: string, name: string, snapshotId: string): AppError =>
  new AppError('already_exists', `VM ${vmName} has a snapshot named ${name} already. Choose another name.`, {
    reason: 'SNAPSHOT_NAME_TAKEN',
    details: { snapshotId },
  })
