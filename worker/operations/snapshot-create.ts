import type { OperationDefinition, StepContext } from './definition.ts'
import { observedVm } from './observed-vm.ts'
import { movedBefore, reclaimWhatCanBe } from './reclaim-what-can-be.ts'
import { requireSnapshot, storedSnapshots } from './stored-snapshot.ts'
import { readySnapshot, type TakenSnapshot, takenNow } from './taken-snapshot.ts'

type Context = StepContext<'snapshot.create'>

/** Takes a snapshot and writes down what was really taken. Whether it succeeds or not, the VM goes on as it is. */
export const snapshotCreate: OperationDefinition<'snapshot.create'> = {
  steps: [{ name: 'take', run: take, undo: discard }],
  succeeded: ({ vm, outputs }, observed) => ({
    vm: observedVm(observed, vm),
    snapshot: readySnapshot(outputs.take as TakenSnapshot),
  }),
  failed: ({ vm, outputs }, error, observed) => ({
    vm: observedVm(observed, vm),
    snapshot: { state: 'FAILED', error },
    movedVolumes: movedBefore(outputs),
  }),
}

async function take({ vm, snapshot, hypervisor }: Context): Promise<TakenSnapshot> {
  const { id, includeMemory, quiesce, quiescePolicy, quiesceTimeoutSeconds } = requireSnapshot(snapshot)
  return takenNow(
    await hypervisor.createSnapshot({
      vmId: vm.id,
      snapshotId: id,
      includeMemory,
      quiesce: quiesce ? { policy: quiescePolicy, timeoutSeconds: quiesceTimeoutSeconds } : null,
    }),
  )
}

/** One that failed after its disks were taken has the VM on overlays that nothing needs. */
async function discard({ vm, snapshots, input, hypervisor, outputs }: Context): Promise<void> {
  if (!(await hypervisor.discardSnapshot(vm.id, input.snapshotId))) return
  const { moved } = await reclaimWhatCanBe(hypervisor, { vmId: vm.id, keep: storedSnapshots(snapshots) })
  outputs.moved = moved
}
