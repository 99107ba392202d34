import type { Reclaimed } from '#worker/hypervisor/port.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { observedVm } from './observed-vm.ts'
import { storedSnapshots } from './stored-snapshot.ts'

/** Removes what only this snapshot needed. One that failed on the way is no snapshot any more, and can be deleted again. */
export const snapshotDelete: OperationDefinition<'snapshot.delete'> = {
  steps: [{ name: 'reclaim', run: reclaim }],
  succeeded: ({ vm, outputs }, observed) => ({
    vm: observedVm(observed, vm),
    snapshot: 'delete',
    movedVolumes: (outputs.reclaim as Reclaimed).moved,
  }),
  failed: ({ vm }, error, observed) => ({ vm: observedVm(observed, vm), snapshot: { state: 'FAILED', error } }),
}

function reclaim({ vm, snapshots, hypervisor }: StepContext<'snapshot.delete'>): Promise<Reclaimed> {
  return hypervisor.reclaimFiles({ vmId: vm.id, keep: storedSnapshots(snapshots) })
}
