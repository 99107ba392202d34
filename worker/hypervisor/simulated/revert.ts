import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import type { RunState } from '#worker/hypervisor/port.ts'
import type { Reverted, RevertRequest } from '#worker/hypervisor/snapshot-calls.ts'
import { clockOf } from './clock.ts'
import type { SimulatedFiles } from './files.ts'
import { nameNow } from './reclaim.ts'
import { failIf } from './sentinels.ts'
import { describe, putOnOverlays } from './snapshot.ts'
import type { SimulatedVm } from './state.ts'

/** The way back from a revert, and its result once it has one. */
export interface SimulatedRevert {
  operationId: string
  disks: SnapshotDisk[]
  state: RunState
  reverted: Reverted | null
}

type Change = (state: RunState) => void

/** Puts the VM back; one that this operation has put back already stays as it is. */
export function revert(files: SimulatedFiles, vm: SimulatedVm, request: RevertRequest, change: Change): Reverted {
  const { snapshot, operationId, keepAs, start } = request
  const earlier = vm.revert?.operationId === operationId ? vm.revert : null
  if (earlier?.reverted) return earlier.reverted
  const { name } = vm.definition
  failIf(name, 'failsToRevert')
  if (earlier) vm.disks = earlier.disks
  const begun = earlier ?? { operationId, disks: vm.disks, state: vm.state, reverted: null }
  vm.revert = begun
  const kept = keepAs === null ? null : keep(files, vm, keepAs, begun.state)

  change('STOPPED')
  vm.disks = vm.disks.map(({ target, volume }) => ({
    target,
    volume: nameNow(vm, snapshot.disks.find((disk) => disk.target === target)?.volume ?? volume),
  }))
  putOnOverlays(files, vm, operationId)
  const runs = start || snapshot.kind === 'memory'
  if (runs) {
    failIf(name, 'failsToStart')
    change('RUNNING')
    if (snapshot.kind === 'memory') vm.running = vm.saved[snapshot.snapshotId] ?? vm.running
  }
  const reverted = { kept, clock: snapshot.kind === 'memory' ? clockOf(vm) : null }
  vm.revert = { ...begun, reverted }
  return reverted
}

function keep(files: SimulatedFiles, vm: SimulatedVm, snapshotId: string, state: RunState) {
  const kept = describe(
    files,
    { ...vm, state },
    snapshotId,
    state === 'STOPPED' ? ['offline', 'offline'] : ['disk-only', 'crash'],
  )
  vm.snapshots[snapshotId] = kept
  return kept
}

/** Puts the VM back on the disks that it had before this operation's revert; without one nothing is done. */
export function undoRevert(files: SimulatedFiles, vm: SimulatedVm, request: RevertRequest, change: Change): void {
  const { revert } = vm
  if (revert?.operationId !== request.operationId) return
  change('STOPPED')
  for (const { volume } of vm.disks) {
    if (!revert.disks.some((disk) => disk.volume === volume)) delete files[volume]
  }
  vm.disks = revert.disks
  vm.revert = null
  const kept = request.keepAs === null ? undefined : vm.snapshots[request.keepAs]
  if (kept && request.keepAs !== null) {
    delete vm.snapshots[request.keepAs]
    if (kept.nvramVolume !== null) delete files[kept.nvramVolume]
  }
  change(revert.state)
}
