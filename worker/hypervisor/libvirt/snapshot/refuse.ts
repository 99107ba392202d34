import { AppError } from '#db/errors.ts'
import { memorySnapshotBlocked, memorySnapshotBlockedError } from '#db/rules/memory-snapshot.ts'
import type { RunState, SnapshotRequest } from '#worker/hypervisor/port.ts'
import type { DomainFacts } from '../xml/read-domain.ts'
import type { VmState } from './state.ts'
import { overlayDepth, type VmVolumes } from './volumes.ts'

/** QEMU opens every file of a chain, and libvirt takes at most 200; old snapshots must go before it gets slow. */
export const overlaysMax = 64

/** Throws for what cannot be asked of any VM. */
export function refuseRequest({ includeMemory, quiesce }: SnapshotRequest): void {
  if (!includeMemory || !quiesce) return
  throw new AppError('invalid_argument', 'A snapshot with memory needs no quiesce: leave one of them out.', {
    reason: 'MEMORY_EXCLUDES_QUIESCE',
  })
}

/** What of a VM decides which snapshots can be taken of it. */
interface Snapshottable {
  vmId: string
  state: RunState
  live: Pick<DomainFacts, 'cpu' | 'guestAgentConnected'>
  disks: readonly unknown[]
}

/** Throws for what cannot be asked of this VM as it is now. */
export function refuseForState(vm: Snapshottable, { includeMemory, quiesce }: SnapshotRequest): void {
  const withMemory = includeMemory && vm.state !== 'STOPPED'
  if (withMemory && memorySnapshotBlocked(vm.live.cpu)) throw memorySnapshotBlockedError(vm.vmId, vm.live.cpu)
  if (!withMemory && vm.disks.length === 0) {
    throw new AppError('failed_precondition', 'The VM has no disks, so there is nothing that a snapshot could keep.', {
      reason: 'VM_HAS_NO_DISKS',
    })
  }
  if (quiesce && vm.state === 'PAUSED') {
    throw new AppError(
      'failed_precondition',
      'The VM is paused, so its guest cannot freeze its filesystems. Resume it, or take the snapshot without quiesce.',
      { reason: 'VM_IS_PAUSED' },
    )
  }
  if (quiesce && vm.state === 'RUNNING' && !vm.live.guestAgentConnected) {
    throw new AppError(
      'failed_precondition',
      'The guest agent is not connected, so the filesystems cannot be frozen. Install and start qemu-guest-agent in the guest, or take the snapshot without quiesce.',
      { reason: 'GUEST_AGENT_NOT_CONNECTED' },
    )
  }
}

/** Throws when one of the VM's disks is a chain too long already. */
export function refuseDepth(vm: VmState, volumes: VmVolumes): void {
  const deepest = Math.max(0, ...vm.disks.map(({ path }) => overlayDepth(volumes, path)))
  if (deepest < overlaysMax) return
  throw new AppError(
    'resource_exhausted',
    `The VM has ${deepest} snapshots on top of each other, and ${overlaysMax} is the most. Delete some, then try again.`,
    { reason: 'TOO_MANY_SNAPSHOTS', details: { overlays: deepest, max: overlaysMax } },
  )
}
