import type { DiskCheckRequest, RevertRequest, SnapshotCalls } from '#worker/hypervisor/snapshot-calls.ts'
import type { Guard } from '../guard.ts'
import type { VmLocks } from '../vm-locks.ts'
import { discardSnapshot } from './abandoned.ts'
import { checkDisks } from './check-disks.ts'
import { type CreateDeps, createSnapshot } from './create.ts'
import { findMoves, followMerges } from './moved-content.ts'
import { type ReclaimDeps, reclaimFiles } from './reclaim.ts'
import { type RevertDeps, revertToSnapshot } from './revert.ts'
import { undoRevert } from './revert-undo.ts'

interface Guards {
  /** Words its errors as the VM's. */
  ofVm<T>(vmId: string, work: Promise<T>): Promise<T>
  alone: Guard
  unlessLost: Guard
  locks: Pick<VmLocks, 'check'>
}

/** The calls about a VM's snapshots. Each has the VM `alone`; a check waits for nobody. */
export function snapshotCalls(
  deps: CreateDeps & RevertDeps & ReclaimDeps,
  { ofVm, alone, unlessLost, locks }: Guards,
): SnapshotCalls {
  /** The rows follow a merge of files later. */
  const revertRequest = async (request: RevertRequest): Promise<RevertRequest> => {
    const [snapshot = request.snapshot] = await followMerges(deps, request.vmId, [request.snapshot])
    return { ...request, snapshot }
  }
  const checkRequest = async ({ vmId, snapshots }: DiskCheckRequest): Promise<DiskCheckRequest> => ({
    vmId,
    snapshots: await followMerges(deps, vmId, snapshots),
  })

  return {
    createSnapshot: (request) => alone(request.vmId, () => createSnapshot(deps, request)),
    discardSnapshot: (vmId, snapshotId) => alone(vmId, () => discardSnapshot(deps, vmId, snapshotId)),
    revertToSnapshot: (request) =>
      alone(request.vmId, async () => revertToSnapshot(deps, await revertRequest(request))),
    undoRevert: (request) =>
      alone(request.vmId, () => unlessLost(request.vmId, async () => undoRevert(deps, await revertRequest(request)))),
    reclaimFiles: (request) => alone(request.vmId, () => reclaimFiles(deps, request)),
    findMoves: (vmId, snapshots) => alone(vmId, () => findMoves(deps, vmId, snapshots)),
    checkDisks: (request) =>
      ofVm(
        request.vmId,
        locks.check(request.vmId, async () => checkDisks(deps, await checkRequest(request))),
      ),
  }
}
