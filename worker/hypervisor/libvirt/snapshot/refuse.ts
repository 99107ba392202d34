import { AppError } from '#db/errors.ts'
import { chainRefusal, snapshotChoice, snapshotRefusal } from '#db/rules/snapshot-capabilities.ts'
import type { RunState } from '#worker/hypervisor/port.ts'
import type { SnapshotRequest } from '#worker/hypervisor/snapshot-calls.ts'
import type { DomainFacts } from '../xml/read-domain.ts'
import type { VmState } from './state.ts'
import { overlayDepth, type VmVolumes } from './volumes.ts'

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
  /** What its memory may take, and what there is for it; left out where that is not asked for. */
  room?: { memoryMib: number; freeBytes: number | null }
}

/** Throws for what cannot be asked of this VM as it is now: the API's own rule, on what the node itself sees. */
export function refuseForState(vm: Snapshottable, { includeMemory, quiesce }: SnapshotRequest): void {
  const choice = snapshotChoice(vm.state, { includeMemory, mustQuiesce: quiesce?.policy === 'require' })
  const refusal = snapshotRefusal(choice, {
    vmId: vm.vmId,
    state: vm.state,
    cpu: vm.state === 'STOPPED' ? null : vm.live.cpu,
    diskCount: vm.disks.length,
    guestAgentConnected: vm.live.guestAgentConnected,
    memoryMib: vm.room?.memoryMib ?? null,
    freeBytes: vm.room?.freeBytes ?? null,
    snapshots: null,
    chain: null,
    vmRefusal: null,
  })
  if (refusal) throw refusal
}

/** Throws when one of the VM's disks is a chain too long already. */
export function refuseDepth(vm: VmState, volumes: VmVolumes, overlaysMax: number): void {
  const depth = Math.max(0, ...vm.disks.map(({ path }) => overlayDepth(volumes, path)))
  const refusal = chainRefusal({ depth, max: overlaysMax })
  if (refusal) throw refusal
}
