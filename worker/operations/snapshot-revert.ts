import { AppError } from '#db/errors.ts'
import type { ResourceChange } from '#db/operations/resource-change.ts'
import type { VmObservation } from '#worker/hypervisor/port.ts'
import type { Reverted, RevertRequest, StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import type { OperationDefinition, StepContext } from './definition.ts'
import { failedTo, observedVm } from './observed-vm.ts'
import { movedBefore, type ReclaimOutput, reclaimWhatCanBe } from './reclaim-what-can-be.ts'
import { requireSnapshot, storedSnapshot, storedSnapshots } from './stored-snapshot.ts'
import { readySnapshot, type TakenSnapshot, takenNow } from './taken-snapshot.ts'

type Context = StepContext<'snapshot.revert'>

/** Puts a VM back to a snapshot; what was current becomes a snapshot itself, or goes. */
export const snapshotRevert: OperationDefinition<'snapshot.revert'> = {
  steps: [
    { name: 'revert', run: revert, undo: undoRevert },
    { name: 'media', run: insertMedia },
    { name: 'reclaim', run: reclaim, undo: followMoves },
  ],
  succeeded: (context, observed) => {
    const { moved, failure } = context.outputs.reclaim as ReclaimOutput
    return { ...reverted(context, observed, failure && stillThere(failure)), movedVolumes: moved }
  },
  failed: (context, error, observed) =>
    isReverted(context)
      ? { ...reverted(context, observed, stillThere(error.message)), movedVolumes: movedBefore(context.outputs) }
      : { vm: failedTo('revert', error, observed, context.vm), kept: 'delete' },
}

interface RevertOutput {
  kept: TakenSnapshot | null
  clock: Reverted['clock']
}

async function revert(context: Context): Promise<RevertOutput> {
  const { kept, clock } = await context.hypervisor.revertToSnapshot(requestOf(context))
  return { kept: kept && takenNow(kept), clock }
}

/** A revert that is done stays: what was current may be gone already. */
async function undoRevert(context: Context): Promise<void> {
  if (!isReverted(context)) await context.hypervisor.undoRevert(requestOf(context))
}

const isReverted = ({ outputs }: Context): boolean => Object.hasOwn(outputs, 'revert')

const requestOf = ({ vm, operationId, snapshot, input }: Context): RevertRequest => ({
  vmId: vm.id,
  operationId,
  snapshot: storedSnapshot(requireSnapshot(snapshot)),
  keepAs: input.keepAs,
  start: input.start,
})

function reclaim(context: Context): Promise<ReclaimOutput> {
  return reclaimWhatCanBe(context.hypervisor, { vmId: context.vm.id, keep: snapshotsAfter(context) })
}

async function followMoves(context: Context): Promise<void> {
  context.outputs.moved = await context.hypervisor.findMoves(context.vm.id, snapshotsAfter(context))
}

function snapshotsAfter({ snapshots, input, outputs }: Context): StoredSnapshot[] {
  const { kept } = outputs.revert as RevertOutput
  const stored = storedSnapshots(snapshots)
  return kept && input.keepAs !== null ? [...stored, { ...kept, snapshotId: input.keepAs }] : stored
}

/**
 * Saved memory comes back with what was in the drives then; the guest sees a change to what is in them now. Resolves to
 * what stands in the way, which does not take the revert back.
 */
async function insertMedia({ vm, snapshot, hypervisor }: Context): Promise<string | null> {
  if (requireSnapshot(snapshot).memoryVolume === null) return null
  try {
    for (const drive of vm.spec.cdroms) await hypervisor.changeMedia({ vmId: vm.id, ...drive, force: true })
    return null
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'unavailable') throw error
    return `Reverted; what is in its cdrom drives may be of then: ${error.message}`
  }
}

const stillThere = (why: string): string => `Reverted; files that are not needed any more could not be removed: ${why}`

function reverted({ vm, outputs }: Context, observed: VmObservation | null, problem: string | null): ResourceChange {
  const { kept, clock } = outputs.revert as RevertOutput
  const media = (outputs.media as string | null | undefined) ?? null
  const message = problem ?? media ?? (clock?.corrected === false ? clock.message : '')
  return {
    // It may run as before, and not since then.
    vm: observedVm(observed, { ...vm, startedAt: null }, message),
    reverted: true,
    kept: kept ? readySnapshot(kept) : 'delete',
  }
}
