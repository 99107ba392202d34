import { AppError } from '#db/errors.ts'
import { memorySnapshotBlocked, memorySnapshotBlockedError } from '#db/rules/memory-snapshot.ts'
import type { SnapshotConsistency, SnapshotKind } from '#db/schema/snapshot.ts'
import type { SnapshotRequest, SnapshotTaken } from '#worker/hypervisor/port.ts'
import { runningCpu } from './cpu.ts'
import { failIf, isSentinel } from './sentinels.ts'
import type { SimulatedVm } from './state.ts'

/** What a real node would take of this VM now. Throws what a real node would refuse. */
export function takeSnapshot(vm: SimulatedVm, request: SnapshotRequest): SnapshotTaken {
  const { definition, state } = vm
  failIf(definition.name, 'failsToSnapshot')
  const effectiveCpu = state === 'STOPPED' ? null : runningCpu(definition)
  if (request.includeMemory && effectiveCpu && memorySnapshotBlocked(effectiveCpu)) {
    throw memorySnapshotBlockedError(definition.vmId, effectiveCpu)
  }
  if (request.quiesce && state === 'RUNNING' && isSentinel(definition.name, 'hasNoAgent')) {
    throw new AppError('failed_precondition', 'The guest agent does not answer', { reason: 'GUEST_AGENT_UNAVAILABLE' })
  }
  const [kind, consistency] = kindOf(vm, request)
  const overlay = (target: string, snapshotId: string) => `${definition.vmId}-${target}-${snapshotId}.qcow2`
  const latest = Object.values(vm.snapshots).at(-1)
  return {
    kind,
    consistency,
    disks: definition.spec.disks.map((_, index) => {
      const target = `vd${String.fromCharCode(97 + index)}`
      const volume = latest?.disks[index]?.overlay ?? `${definition.vmId}-${target}.qcow2`
      return { target, volume, overlay: overlay(target, request.snapshotId) }
    }),
    memoryVolume: kind === 'memory' ? `${definition.vmId}-${request.snapshotId}.mem` : null,
    sizeBytes: kind === 'memory' ? definition.spec.memory.sizeMib * 2 ** 20 : 0,
    effectiveCpu,
    domainXml: '<domain/>',
    libvirtVersion: null,
    qemuVersion: null,
  }
}

function kindOf({ state }: SimulatedVm, request: SnapshotRequest): [SnapshotKind, SnapshotConsistency] {
  if (state === 'STOPPED') return ['offline', 'offline']
  if (request.includeMemory) return ['memory', 'memory']
  return ['disk-only', request.quiesce && state === 'RUNNING' ? 'quiesced' : 'crash']
}

/** The files that only this snapshot brought. */
export const snapshotFiles = ({ disks, memoryVolume }: SnapshotTaken): string[] => [
  ...disks.map(({ overlay }) => overlay),
  ...(memoryVolume === null ? [] : [memoryVolume]),
]
