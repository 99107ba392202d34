import { AppError } from '#db/errors.ts'
import type { SimulatedNode } from './node-state.ts'
import type { SimulatedCalls } from './options.ts'
import { findMoves, reclaim } from './reclaim.ts'
import { revert, undoRevert } from './revert.ts'
import { failIf } from './sentinels.ts'
import { discard, takeSnapshot } from './snapshot.ts'

/** What becomes of a VM's disks. */
export const snapshotCalls = ({ state, defined, change }: SimulatedNode) =>
  ({
    async createSnapshot(request) {
      const vm = defined(request.vmId)
      const taken = vm.snapshots[request.snapshotId] ?? takeSnapshot(state.files, vm, request)
      vm.snapshots[request.snapshotId] = taken
      return taken
    },
    async discardSnapshot(vmId, snapshotId) {
      const vm = state.vms[vmId]
      return vm !== undefined && discard(state.files, vm, snapshotId)
    },
    async revertToSnapshot(request) {
      return revert(state.files, defined(request.vmId), request, (next) => change(request.vmId, next))
    },
    async undoRevert(request) {
      const vm = state.vms[request.vmId]
      if (vm) undoRevert(state.files, vm, request, (next) => change(request.vmId, next))
    },
    async reclaimFiles(request) {
      const vm = defined(request.vmId)
      if (vm.diskProblem) throw new AppError('failed_precondition', vm.diskProblem.message, vm.diskProblem)
      await request.onBegin?.()
      failIf(vm.definition.name, 'failsToReclaim')
      return reclaim(state.files, vm, request)
    },
    async findMoves(vmId, snapshots) {
      const vm = state.vms[vmId]
      return vm ? findMoves(vm, snapshots) : []
    },
    checkDisks: async ({ vmId }) => state.vms[vmId]?.diskProblem ?? null,
  }) satisfies Partial<SimulatedCalls>
