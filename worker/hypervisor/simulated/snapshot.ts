import type { SnapshotConsistency, SnapshotKind } from '#db/schema/snapshot.ts'
import type { SnapshotRequest, SnapshotTaken } from '#worker/hypervisor/port.ts'
import { refuseForState, refuseRequest } from '../libvirt/snapshot/refuse.ts'
import { diskVolume, memoryVolume, overlayVolume } from '../libvirt/storage-names.ts'
import { diskTarget } from '../targets.ts'
import { runningCpu } from './cpu.ts'
import { failIf, isSentinel } from './sentinels.ts'
import type { SimulatedVm } from './state.ts'

/** What a real node would take of this VM now. Throws what a real node would refuse. */
export function takeSnapshot(vm: SimulatedVm, request: SnapshotRequest): SnapshotTaken {
  const { definition, state } = vm
  const { vmId, name, spec } = definition
  const cpu = runningCpu(definition)
  failIf(name, 'failsToSnapshot')
  refuseRequest(request)
  refuseForState(
    { vmId, state, disks: spec.disks, live: { cpu, guestAgentConnected: !isSentinel(name, 'hasNoAgent') } },
    request,
  )
  const [kind, consistency] = kindOf(vm, request)
  const latest = Object.values(vm.snapshots).at(-1)
  return {
    kind,
    consistency,
    disks: spec.disks.map((_, index) => {
      const target = diskTarget(index)
      const volume = latest?.disks[index]?.overlay ?? diskVolume(vmId, target)
      return { target, volume, overlay: overlayVolume(vmId, target, request.snapshotId) }
    }),
    memoryVolume: kind === 'memory' ? memoryVolume(vmId, request.snapshotId) : null,
    sizeBytes: kind === 'memory' ? spec.memory.sizeMib * 2 ** 20 : 0,
    effectiveCpu: state === 'STOPPED' ? null : cpu,
    domainXml: '<domain/>',
    libvirtVersion: null,
    qemuVersion: null,
  }
}

function kindOf({ state }: SimulatedVm, request: SnapshotRequest): [SnapshotKind, SnapshotConsistency] {
  if (state === 'STOPPED') return ['offline', 'offline']
  if (request.includeMemory) return ['memory', 'memory']
  return ['disk-only', request.quiesce ? 'quiesced' : 'crash']
}

/** The files that only this snapshot brought. */
export const snapshotFiles = ({ disks, memoryVolume }: SnapshotTaken): string[] => [
  ...disks.map(({ overlay }) => overlay),
  ...(memoryVolume === null ? [] : [memoryVolume]),
]
