import { AppError } from '#db/errors.ts'
import type { CpuFeaturePolicy } from '#db/vm-spec.ts'
import { ofVm, type Remedy, remedies } from './remedies.ts'

/** What of a CPU decides whether its state can be saved. Of a running VM: read from its live definition. */
export interface CpuFacts {
  /** As libvirt says it: a running `host-model` reads `custom`. */
  mode: 'host-model' | 'host-passthrough' | 'maximum' | 'custom'
  migratable: 'on' | 'off' | null
  /** The last policy stated for the feature `invtsc`, or null where none is. */
  invtscPolicy: CpuFeaturePolicy | null
  /** `<timer name='tsc' frequency='N'/>`, Hz. */
  tscFrequencyHz: number | null
}

/**
 * Whether QEMU refuses to save this CPU's state: the guest sees an invariant TSC whose frequency is not pinned.
 * QEMU then adds a migration blocker (target/i386/kvm/kvm.c, `invtsc_mig_blocker`), and libvirt refuses beforehand
 * (src/qemu/qemu_migration.c, qemuMigrationSrcIsAllowed).
 */
export function memorySnapshotBlocked(cpu: CpuFacts): boolean {
  if (cpu.tscFrequencyHz !== null) return false
  if (cpu.invtscPolicy === 'require' || cpu.invtscPolicy === 'force') return true
  if (cpu.invtscPolicy === 'disable' || cpu.invtscPolicy === 'forbid') return false
  // `optional` adds nothing and takes nothing away: the mode decides, as it does without a policy.
  return (cpu.mode === 'host-passthrough' || cpu.mode === 'maximum') && cpu.migratable === 'off'
}

/** The published text of the refusal, to the byte. */
export const memorySnapshotBlockedMessage = `Memory snapshots are not supported with host-passthrough CPU.
This VM uses the 'invtsc' CPU flag which prevents memory state capture.
This is a fundamental limitation of libvirt/QEMU (not Quantix).

Options:
1. Create a disk-only snapshot (uncheck 'Include memory state')
2. Stop the VM first, then take a snapshot
3. Reconfigure the VM to use 'host-model' CPU instead of 'host-passthrough'`

/** The ways out that the text names, and for a Performance VM one more: its guest's TSC can be pinned to its node's. */
const remediesFor = ({ mode }: CpuFacts): Remedy[] => [
  remedies.takeDiskOnly,
  remedies.stopFirst,
  remedies.changeCpuMode,
  ...(mode === 'host-passthrough' ? [remedies.pinTsc] : []),
]

/** The refusal of a memory snapshot, the same from the API and from the worker. */
export const memorySnapshotBlockedError = (vmId: string, cpu: CpuFacts, cause?: unknown): AppError =>
  new AppError('internal', memorySnapshotBlockedMessage, {
    reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU',
    details: { vmId, cpu, blockedBy: 'invtsc', remedies: remediesFor(cpu).map((remedy) => ofVm(remedy, vmId)) },
    cause,
  })
