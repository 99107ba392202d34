import { AppError } from '#db/errors.ts'
import type { SnapshotTaken } from '#worker/hypervisor/port.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { observedVm } from './observed-vm.ts'

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
  succeeded: ({ vm, outputs }, observed) => {
    const { takenAt, ...taken } = outputs.take as Taken
    return {
      vm: observedVm(observed, vm),
      snapshot: { ...taken, takenAt: new Date(takenAt), state: 'READY' },
    }
  },
  failed: ({ vm }, error, observed) => ({ vm: observedVm(observed, vm), snapshot: { state: 'FAILED', error } }),
}

type Taken = SnapshotTaken & { takenAt: string }

async function take({ vm, snapshot, hypervisor }: Context): Promise<Taken> {
  if (!snapshot) throw new AppError('not_found', 'The snapshot is not there any more', { reason: 'SNAPSHOT_NOT_FOUND' })
  const { id: snapshotId, includeMemory, quiescePolicy: policy, quiesceTimeoutSeconds: timeoutSeconds } = snapshot
  const quiesce = snapshot.quiesce ? { policy, timeoutSeconds } : null
  const taken = await hypervisor.createSnapshot({ vmId: vm.id, snapshotId, includeMemory, quiesce })
  return { ...taken, takenAt: new Date().toISOString() }
}
