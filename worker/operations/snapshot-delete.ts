import type { SnapshotRow, SnapshotState } from '#db/schema/snapshot.ts'
import type { Reclaimed } from '#worker/hypervisor/snapshot-calls.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { observedVm } from './observed-vm.ts'
import { movedBefore } from './reclaim-what-can-be.ts'
import { storedSnapshots } from './stored-snapshot.ts'

/**
 * Removes what only this snapshot needed. One that failed on the way may be half merged: it is no snapshot any more, and
 * can be deleted again. One that did not begin stays what it was.
 */
export const snapshotDelete: OperationDefinition<'snapshot.delete'> = {
  steps: [{ name: 'reclaim', run: reclaim, undo: followMoves }],
  succeeded: ({ vm, outputs }, observed) => ({
    vm: observedVm(observed, vm),
    snapshot: 'delete',
    movedVolumes: (outputs.reclaim as Reclaimed).moved,
  }),
  failed: ({ vm, snapshot, outputs }, error, observed) => ({
    vm: observedVm(observed, vm),
    snapshot: Object.hasOwn(outputs, 'begun') ? { state: 'FAILED', error } : { state: stateBefore(snapshot) },
    movedVolumes: movedBefore(outputs),
  }),
}

/** Only one that failed has an error. */
const stateBefore = (snapshot: SnapshotRow | null): SnapshotState => (snapshot?.error ? 'FAILED' : 'READY')

function reclaim({ vm, snapshots, hypervisor, note }: StepContext<'snapshot.delete'>): Promise<Reclaimed> {
  return hypervisor.reclaimFiles({ vmId: vm.id, keep: storedSnapshots(snapshots), onBegin: () => note('begun') })
}

async function followMoves({ vm, snapshots, hypervisor, outputs }: StepContext<'snapshot.delete'>): Promise<void> {
  outputs.moved = await hypervisor.findMoves(vm.id, storedSnapshots(snapshots))
}
