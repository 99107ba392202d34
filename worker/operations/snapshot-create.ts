import type { OperationDefinition, StepContext } from './definition.ts'
import { observedVm } from './observed-vm.ts'
import { requireSnapshot } from './stored-snapshot.ts'
import { readySnapshot, type TakenSnapshot, takenNow } from './taken-snapshot.ts'

type Context = StepContext<'snapshot.create'>

/** Takes a snapshot and writes down what was really taken. Whether it succeeds or not, the VM goes on as it is. */
export const snapshotCreate: OperationDefinition<'snapshot.create'> = {
  steps: [
    {
      name: 'take',
      run: take,
      undo: ({ vm, input, hypervisor }) => hypervisor.discardSnapshot(vm.id, input.snapshotId),
    },
  ],
  succeeded: ({ vm, outputs }, observed) => ({
    vm: observedVm(observed, vm),
    snapshot: readySnapshot(outputs.take as TakenSnapshot),
  }),
  failed: ({ vm }, error, observed) => ({ vm: observedVm(observed, vm), snapshot: { state: 'FAILED', error } }),
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
