import type { Deps } from '#api/deps.ts'
import type { AppError } from '#db/errors.ts'
import { changedMeanwhile, ring } from '#db/operations/begin.ts'
import type { RecordedOperation } from '#db/operations/record.ts'
import { recordSnapshot } from '#db/operations/record-snapshot.ts'
import { snapshotChoice, snapshotRefusal } from '#db/rules/snapshot-capabilities.ts'
import { snapshotNameTaken } from '#db/rules/snapshot-refusal.ts'
import { vmNotFound } from '#db/rules/vm-refusal.ts'
import type { SnapshotWithOperation } from '#db/snapshots.ts'
import { readSnapshotFacts } from './facts.ts'
import type { SnapshotCreateInput } from './schemas.ts'

/**
 * Records a snapshot and the operation that takes it, in one statement.
 * Throws what the capabilities say; the worker decides again on what it sees itself.
 */
export async function createSnapshot(
  deps: Deps,
  vmId: string,
  wanted: SnapshotCreateInput,
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
  deps: Deps,
  vmId: string,
  { includeMemory, quiesce, quiescePolicy }: SnapshotCreateInput,
): Promise<AppError | null> {
  const facts = await readSnapshotFacts(deps, vmId)
  const mustQuiesce = quiesce && quiescePolicy === 'require'
  return snapshotRefusal(snapshotChoice(facts.state, { includeMemory, mustQuiesce }), facts)
}
