import { AppError } from '#db/errors.ts'
import type { VolumeMove } from '#db/operations/resource-change.ts'
import type { StepOutputs } from '#db/schema/operation.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import type { ReclaimRequest } from '#worker/hypervisor/snapshot-calls.ts'

export interface ReclaimOutput {
  moved: VolumeMove[]
  /** For people: why files that nothing needs are still there; the next revert or delete removes them. */
  failure: string | null
}

/** What the undo of a step noted that had merged files before it failed: what was merged cannot be parted again. */
export const movedBefore = ({ moved = [] }: StepOutputs): VolumeMove[] => moved as VolumeMove[]

/** Removes the files that nothing needs, for an operation that is done also while they are there. Throws `unavailable`. */
export async function reclaimWhatCanBe(hypervisor: Hypervisor, request: ReclaimRequest): Promise<ReclaimOutput> {
  try {
    const { moved } = await hypervisor.reclaimFiles(request)
    return { moved, failure: null }
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'unavailable') throw error
    return { moved: await hypervisor.findMoves(request.vmId, request.keep), failure: error.message }
  }
}
