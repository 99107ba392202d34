import type { SnapshotConsistency, SnapshotKind } from '#db/schema/snapshot.ts'
import type { SnapshotRequest, SnapshotTaken } from '#worker/hypervisor/snapshot-calls.ts'
import { memoryVolume, nvramCopyVolume, overlayVolume } from '#worker/hypervisor/storage-names.ts'
import { holdErrors } from '../libvirt/freeze/hold-errors.ts'
import { refuseForState, refuseRequest } from '../libvirt/snapshot/refuse.ts'
import { diskNotManaged } from '../libvirt/snapshot/state.ts'
import { hasAgent, runningCpu } from './cpu.ts'
import { addFile, fileBytes, type SimulatedFiles } from './files.ts'
import type { SimulatedHold } from './quiesce-calls.ts'
import { failIf } from './sentinels.ts'
import type { SimulatedVm } from './state.ts'

/** Takes what a real node would take of this VM now. Throws what a real node would refuse. */
export function takeSnapshot(files: SimulatedFiles, vm: SimulatedVm, request: SnapshotRequest): SnapshotTaken {
  const { definition, state, running } = vm
  const { vmId, name } = definition
  failIf(name, 'failsToSnapshot')
  const canFreeze = state !== 'PAUSED' && hasAgent(vm)
  const fallsBack = request.quiesce?.policy === 'prefer' && state !== 'STOPPED' && !canFreeze
  const asked = fallsBack ? { ...request, quiesce: null } : request
  refuseRequest(asked)
  const [foreign] = vm.madeByOthers?.unmanaged.disks ?? []
  if (foreign !== undefined) throw diskNotManaged(foreign, 'a file of others')
  const live = { cpu: runningCpu(vm), guestAgentConnected: canFreeze }
  refuseForState({ vmId, state, disks: vm.disks, live }, asked)
  const taken: SnapshotTaken = {
    ...describe(files, vm, request.snapshotId, kindOf(vm, asked)),
    notice: fallsBack ? 'The guest agent is not connected, so the disks are as after a power cut.' : null,
    freeze: asked.quiesce && state === 'RUNNING' ? { fileSystems: ['/'], durationMs: 0 } : null,
    ...(vm.hold && state === 'RUNNING' && underHold(vm.hold, asked)),
  }
  if (taken.memoryVolume !== null && running) {
    addFile(files, taken.memoryVolume)
    vm.saved[request.snapshotId] = running
  }
  putOnOverlays(files, vm, request.snapshotId)
  return taken
}

/** What a snapshot is of a guest that a token holds frozen. */
function underHold(hold: SimulatedHold, { includeMemory, quiesce }: SnapshotRequest): Partial<SnapshotTaken> {
  if (includeMemory) throw holdErrors.isFrozen("A VM's memory cannot be saved")
  const { isWhole, fileSystems, askedAt } = hold
  if (isWhole) {
    return { consistency: 'quiesced', freeze: { fileSystems, durationMs: Date.now() - Date.parse(askedAt) } }
  }
  const obstacle = holdErrors.heldInPart()
  if (quiesce?.policy === 'require') throw obstacle
  return { consistency: 'crash', freeze: null, notice: obstacle.message }
}

function kindOf({ state }: SimulatedVm, request: SnapshotRequest): [SnapshotKind, SnapshotConsistency] {
  if (state === 'STOPPED') return ['offline', 'offline']
  if (request.includeMemory) return ['memory', 'memory']
  return ['disk-only', request.quiesce ? 'quiesced' : 'crash']
}

/** The VM as it is now, as a snapshot; its UEFI variables are copied for it. */
export function describe(
  files: SimulatedFiles,
  vm: SimulatedVm,
  snapshotId: string,
  [kind, consistency]: [SnapshotKind, SnapshotConsistency],
): SnapshotTaken {
  const { vmId, spec } = vm.definition
  const nvramVolume = spec.firmware === 'uefi' ? nvramCopyVolume(vmId, snapshotId) : null
  if (nvramVolume !== null) addFile(files, nvramVolume)
  const diskBytes = vm.disks.map(({ volume }) => (files[volume] ? fileBytes(files[volume]) : 0))
  const memoryBytes = kind === 'memory' ? (vm.running?.spec ?? spec).memory.sizeMib * 2 ** 20 : 0
  return {
    kind,
    consistency,
    notice: null,
    freeze: null,
    disks: vm.disks.map((disk) => ({ ...disk })),
    memoryVolume: kind === 'memory' ? memoryVolume(vmId, snapshotId) : null,
    nvramVolume,
    sizeBytes: diskBytes.reduce((sum, bytes) => sum + bytes, memoryBytes),
    effectiveCpu: vm.state === 'STOPPED' ? null : runningCpu(vm),
    machineType: 'pc-q35-7.2',
    domainXml: '<domain/>',
    libvirtVersion: null,
    qemuVersion: null,
  }
}

/** Every disk writes to a fresh file from now on, which stands on the file that it wrote to. */
export function putOnOverlays(files: SimulatedFiles, vm: SimulatedVm, id: string): void {
  vm.disks = vm.disks.map(({ target, volume }) => {
    const overlay = overlayVolume(vm.definition.vmId, target, id)
    files[overlay] = { backing: volume, blocks: {} }
    return { target, volume: overlay }
  })
}

/** Forgets the snapshot. Resolves to whether the VM is on its overlays: what was written since is in them. */
export function discard(files: SimulatedFiles, vm: SimulatedVm, snapshotId: string): boolean {
  const taken = vm.snapshots[snapshotId]
  delete vm.snapshots[snapshotId]
  for (const side of [taken?.memoryVolume, taken?.nvramVolume]) if (side) delete files[side]
  return vm.disks.some(({ target, volume }) => volume === overlayVolume(vm.definition.vmId, target, snapshotId))
}
