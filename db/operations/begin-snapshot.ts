import type { AppError } from '#db/errors.ts'
import { newSnapshotRefusal } from '#db/rules/snapshot-capabilities.ts'
import { snapshotNameTaken } from '#db/rules/snapshot-refusal.ts'
import { vmNotFound } from '#db/rules/vm-refusal.ts'
import { readSnapshotFacts } from '#db/snapshot-rows.ts'
import type { SnapshotWithOperation } from '#db/snapshots.ts'
import { type BeginDependencies, changedMeanwhile, ring } from './begin.ts'
import type { RecordedOperation } from './record.ts'
import { recordSnapshot, type WantedSnapshot } from './record-snapshot.ts'

export interface SnapshotDependencies extends BeginDependencies {
  /** How many snapshots a VM may have. */
  maxSnapshots: number
}

/** A snapshot that is asked for. */
export type SnapshotRequest = Pick<
  WantedSnapshot,
  'name' | 'description' | 'includeMemory' | 'quiesce' | 'quiescePolicy' | 'quiesceTimeoutSeconds'
>

/**
 * Records a snapshot and the operation that takes it, in one statement.
 * Throws what the capabilities say; the worker decides again on what it sees itself.
 */
export async function beginSnapshot(
  deps: SnapshotDependencies,
  vmId: string,
  wanted: SnapshotRequest,
): Promise<SnapshotWithOperation & { operation: RecordedOperation }> {
  const refusal = await findRefusal(deps, vmId, wanted)
  if (refusal) throw refusal
  const found = await recordSnapshot(deps.database, {
    ...wanted,
    origin: 'user',
    vmId,
    snapshotId: deps.newId(),
    operationId: deps.newId(),
    maxSnapshots: deps.maxSnapshots,
  })
  if (!found) throw vmNotFound(vmId)
  if (found.operation && found.snapshot) {
    ring(deps, found.operation)
    return { snapshot: found.snapshot, current: false, operation: found.operation }
  }
  if (!found.current && found.namesake) throw snapshotNameTaken(found.vm.name, wanted.name, found.namesake.id)
  // A fresh look: what the statement saw may be older than its lock.
  throw (await findRefusal(deps, vmId, wanted)) ?? changedMeanwhile()
}

async function findRefusal(
  { database, maxSnapshots }: SnapshotDependencies,
  vmId: string,
  wanted: SnapshotRequest,
): Promise<AppError | null> {
  return newSnapshotRefusal(await readSnapshotFacts(database, vmId, maxSnapshots), wanted)
}
