import type { Deps } from '#api/deps.ts'
import { operationInProgress, ring } from '#api/operations/service.ts'
import { actionRefusal } from '#api/vms/refusal.ts'
import { getVm, vmNotFound } from '#api/vms/service.ts'
import type { Database } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import type { RecordedOperation } from '#db/operations/record.ts'
import { recordSnapshot } from '#db/operations/record-snapshot.ts'
import { memorySnapshotBlocked, memorySnapshotBlockedError } from '#db/rules/memory-snapshot.ts'
import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { SnapshotCreateInput } from './schemas.ts'

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
  const found = await recordSnapshot(deps.database, {
    ...wanted,
    quiescePolicy: 'require',
    quiesceTimeoutSeconds: 60,
    origin: 'user',
    vmId,
    snapshotId: deps.newId(),
    operationId: deps.newId(),
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
