import { AppError, type ErrorCode } from '#db/errors.ts'
import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { VmState } from '#db/schema/vm.ts'
import { type CpuFacts, memorySnapshotBlocked, memorySnapshotBlockedError } from './memory-snapshot.ts'
import { type Remedy, remedies } from './remedies.ts'

/** The kinds of snapshot that can be asked for. */
export const snapshotChoices = ['memory', 'diskOnly', 'diskOnlyQuiesced', 'offline'] as const
export type SnapshotChoice = (typeof snapshotChoices)[number]

/** What decides which snapshots can be taken. Null is not known, and refuses nothing: whoever knows decides then. */
export interface SnapshotFacts {
  vmId: string
  state: VmState
  /** The CPU that runs. */
  cpu: CpuFacts | null
  diskCount: number
  guestAgentConnected: boolean | null
  memoryMib: number | null
  /** Where the memory would be written. */
  freeBytes: number | null
  /** How many snapshots there are, and may be. */
  snapshots: { count: number; max: number } | null
  /** How many overlays lie on top of each other, and may. */
  chain: { depth: number; max: number } | null
  /** Why the VM may begin nothing (`vmRefusal`). */
  vmRefusal: AppError | null
}

export interface SnapshotCapability {
  allowed: boolean
  /** For programs; null where it is allowed. */
  reason: string | null
  /** For people: what it would be, or why not. */
  message: string
  remedies: readonly Remedy[]
  /** About what it takes when it is taken; it grows as the VM writes. Null where that is not known. */
  sizeBytes: number | null
}

/** What an overlay takes before anything is written to it: measured with qemu-img 7.2, for disks up to a TiB. */
const overlayBytes = 212_992

const bytesPerMib = 2 ** 20

/** What a request asks of a VM in this state: of a stopped one there is no memory to save and no guest to freeze. */
export function snapshotChoice(
  state: VmState,
  { includeMemory, mustQuiesce }: { includeMemory: boolean; mustQuiesce: boolean },
): SnapshotChoice {
  if (state === 'STOPPED') return 'offline'
  if (includeMemory) return 'memory'
  return mustQuiesce ? 'diskOnlyQuiesced' : 'diskOnly'
}

/** Of each kind whether it can be taken, and what it would be. The same decides for the API, its answer and the worker. */
export const snapshotCapabilities = (facts: SnapshotFacts): Record<SnapshotChoice, SnapshotCapability> => ({
  memory: capability('memory', facts),
  diskOnly: capability('diskOnly', facts),
  diskOnlyQuiesced: capability('diskOnlyQuiesced', facts),
  offline: capability('offline', facts),
})

function capability(choice: SnapshotChoice, facts: SnapshotFacts): SnapshotCapability {
  const refusal = snapshotRefusal(choice, facts)
  return {
    allowed: refusal === null,
    reason: refusal?.reason ?? null,
    message: refusal?.message ?? promises[choice],
    remedies: (refusal?.details?.remedies as readonly Remedy[] | undefined) ?? [],
    sizeBytes: sizeBytes(choice, facts),
  }
}

const promises = {
  memory: 'Its disks and its memory at one moment. The guest stands still while its memory is written.',
  diskOnly: 'Its disks at one moment, as after a power cut.',
  diskOnlyQuiesced: 'Its disks at one moment, while the guest agent keeps its file systems flushed and frozen.',
  offline: 'Its disks, as after a shutdown.',
} as const satisfies Record<SnapshotChoice, string>

/** At most: memory that the guest never used is not written. */
function sizeBytes(choice: SnapshotChoice, { diskCount, memoryMib }: SnapshotFacts): number | null {
  const disks = diskCount * overlayBytes
  if (choice !== 'memory') return disks
  return memoryMib === null ? null : disks + memoryMib * bytesPerMib
}

/** Why a snapshot of this kind cannot be taken now; null where it can. */
export function snapshotRefusal(choice: SnapshotChoice, facts: SnapshotFacts): AppError | null {
  return facts.vmRefusal ?? limitRefusal(facts) ?? refusals[choice](facts)
}

/** Why the snapshot that is asked for cannot be taken now; null where it can. */
export function newSnapshotRefusal(
  facts: SnapshotFacts,
  { includeMemory, quiesce, quiescePolicy }: Pick<SnapshotRow, 'includeMemory' | 'quiesce' | 'quiescePolicy'>,
): AppError | null {
  const mustQuiesce = quiesce && quiescePolicy === 'require'
  return snapshotRefusal(snapshotChoice(facts.state, { includeMemory, mustQuiesce }), facts)
}

type Rule = (facts: SnapshotFacts) => AppError | null

const refusals: Record<SnapshotChoice, Rule> = {
  memory: (facts) => notRunning(facts) ?? blockedByCpu(facts) ?? noRoom(facts),
  diskOnly: (facts) => notRunning(facts) ?? noDisks(facts),
  diskOnlyQuiesced: (facts) => notRunning(facts) ?? noDisks(facts) ?? cannotFreeze(facts),
  offline: (facts) => notStopped(facts) ?? noDisks(facts),
}

const limitRefusal: Rule = ({ snapshots, chain }) =>
  (snapshots && countRefusal(snapshots)) ?? (chain && chainRefusal(chain))

const countRefusal = (snapshots: { count: number; max: number }): AppError | null =>
  snapshots.count < snapshots.max
    ? null
    : refusal(
        'resource_exhausted',
        'TOO_MANY_SNAPSHOTS',
        `The VM has ${snapshots.count} snapshots, and ${snapshots.max} is the most. Delete some, then try again.`,
        [remedies.deleteSnapshots],
        { ...snapshots },
      )

/** Why no overlay can be put on top of a chain that deep; null where one can. */
export const chainRefusal = (chain: { depth: number; max: number }): AppError | null =>
  chain.depth < chain.max
    ? null
    : refusal(
        'resource_exhausted',
        'CHAIN_TOO_DEEP',
        `The VM has ${chain.depth} snapshots on top of each other, and ${chain.max} is the most that its node can start. Delete some, then try again.`,
        [remedies.deleteSnapshots],
        { ...chain },
      )

const notRunning: Rule = ({ state }) =>
  state === 'STOPPED'
    ? refusal(
        'failed_precondition',
        'VM_IS_STOPPED',
        'The VM is stopped: there is no memory to save and no guest to freeze. Its snapshot is an offline one.',
        [remedies.takeOffline],
      )
    : null

const notStopped: Rule = ({ state }) =>
  state === 'STOPPED'
    ? null
    : refusal(
        'failed_precondition',
        'VM_IS_RUNNING',
        'The VM runs. Stop it first, or take a snapshot of it as it runs.',
        [remedies.stopFirst, remedies.takeDiskOnly],
      )

const blockedByCpu: Rule = ({ vmId, cpu }) =>
  cpu && memorySnapshotBlocked(cpu) ? memorySnapshotBlockedError(vmId, cpu) : null

const noDisks: Rule = ({ diskCount, state }) =>
  diskCount > 0
    ? null
    : refusal(
        'failed_precondition',
        'VM_HAS_NO_DISKS',
        'The VM has no disks, so there is nothing that a snapshot could keep.',
        state === 'STOPPED' ? [] : [remedies.includeMemory],
      )

const cannotFreeze: Rule = ({ state, guestAgentConnected }) => {
  if (state === 'PAUSED') {
    return refusal(
      'failed_precondition',
      'VM_IS_PAUSED',
      'The VM is paused, so its guest cannot freeze its filesystems. Resume it, or take the snapshot without quiesce.',
      [remedies.takeUnquiesced, remedies.preferQuiesce, remedies.includeMemory],
    )
  }
  if (guestAgentConnected !== false) return null
  return refusal(
    'failed_precondition',
    'GUEST_AGENT_NOT_CONNECTED',
    'The guest agent is not connected, so the filesystems cannot be frozen. Install and start qemu-guest-agent in the guest, or take the snapshot without quiesce.',
    [remedies.startAgent, remedies.takeUnquiesced, remedies.preferQuiesce],
  )
}

const noRoom: Rule = (facts) => {
  const needed = sizeBytes('memory', facts)
  const { freeBytes } = facts
  if (needed === null || freeBytes === null || freeBytes >= needed) return null
  return refusal(
    'resource_exhausted',
    'NO_SPACE_FOR_MEMORY',
    `Saving the VM's memory may take ${inMib(needed)} MiB, and its node has ${inMib(freeBytes)} MiB left. Free some, or take the snapshot without memory.`,
    [remedies.takeDiskOnly, remedies.deleteSnapshots],
    { neededBytes: needed, freeBytes },
  )
}

const inMib = (bytes: number): number => Math.ceil(bytes / bytesPerMib)

const refusal = (
  code: ErrorCode,
  reason: string,
  message: string,
  ways: readonly Remedy[],
  details: Record<string, unknown> = {},
): AppError => new AppError(code, message, { reason, details: { ...details, remedies: ways } })
