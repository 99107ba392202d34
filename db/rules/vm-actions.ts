import { guestCallKinds } from '#db/guest-call.ts'
import type { OperationKind } from '#db/operations/catalog.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { VmRow, VmState } from '#db/schema/vm.ts'
import { type Remedy, remedies } from './remedies.ts'

/** Of a VM's snapshots all, or those whose memory it can be reverted to. */
export type SnapshotGroup = 'any' | 'memory'

/** What of a VM's snapshots forbids an action. */
interface SnapshotBar {
  /** Of which snapshots there must be none. */
  group: SnapshotGroup
  /** For people. */
  because: string
}

/** What decides whether a VM may begin an action. A VM that is already where the action leads converges instead. */
interface VmActionRule {
  from: readonly [VmState, ...VmState[]]
  /** Also while nobody knows its state: it waits for its node, which does it then or says why not. */
  alsoUnknown?: true
  /** The VM's state while it goes on; without one that stays what it is. */
  meanwhile?: VmState
  /** The state in which there is nothing to do. */
  reached?: VmState
  /** Whether disks that do not agree forbid it: what deletes them all, or does not touch them, goes on. */
  needsDisksInStep: boolean
  /** Whether it goes only with disks that are Quantix's own: no file of others gets an overlay. */
  needsOwnDisks?: true
  /** The snapshots that are in its way. */
  barredBy?: SnapshotBar
  /** Whether it is for VMs alone that others made. */
  onlyAdopted?: true
  /** Kinds that it ends before their time: those that wait for a guest which may never answer, or takes its time. */
  overtakes: readonly OperationKind[]
  /** For people; the states follow it. */
  phrase: string
  /** The ways out, by the state that forbids it. */
  remedies: Partial<Record<VmState, readonly Remedy[]>>
}

const running = ['RUNNING'] as const
const on = ['RUNNING', 'PAUSED'] as const
const settled = ['RUNNING', 'PAUSED', 'STOPPED'] as const
/** A guest that stands still lets go of nothing. */
const lettingGo = ['RUNNING', 'STOPPED'] as const

const disksGoBack: SnapshotBar = {
  group: 'any',
  because: 'They hold its disks as they are now, in number and size, and could not be reverted to',
}
const machineGoesBack: SnapshotBar = {
  group: 'memory',
  because: 'A saved memory goes back only into the machine that it was saved from, with the same network cards',
}

export const vmActions = {
  start: {
    from: ['STOPPED'],
    alsoUnknown: true,
    meanwhile: 'STARTING',
    reached: 'RUNNING',
    needsDisksInStep: true,
    overtakes: [],
    phrase: 'It can be started',
    remedies: { PAUSED: [remedies.resume] },
  },
  stop: {
    from: on,
    alsoUnknown: true,
    meanwhile: 'STOPPING',
    reached: 'STOPPED',
    needsDisksInStep: true,
    overtakes: guestCallKinds,
    phrase: 'It can be stopped',
    remedies: {},
  },
  forceStop: {
    from: on,
    alsoUnknown: true,
    meanwhile: 'STOPPING',
    reached: 'STOPPED',
    needsDisksInStep: true,
    overtakes: ['vm.stop', 'vm.reboot', ...guestCallKinds],
    phrase: 'It can be stopped with force=true',
    remedies: {},
  },
  reboot: {
    from: running,
    alsoUnknown: true,
    needsDisksInStep: true,
    overtakes: guestCallKinds,
    phrase: 'It can be rebooted',
    remedies: { PAUSED: [remedies.resume], STOPPED: [remedies.start] },
  },
  reset: {
    from: running,
    alsoUnknown: true,
    needsDisksInStep: false,
    overtakes: ['vm.reboot', ...guestCallKinds],
    phrase: 'It can be rebooted with force=true',
    remedies: { PAUSED: [remedies.resume], STOPPED: [remedies.start] },
  },
  pause: {
    from: running,
    alsoUnknown: true,
    reached: 'PAUSED',
    needsDisksInStep: false,
    overtakes: [],
    phrase: 'It can be paused',
    remedies: { STOPPED: [remedies.start] },
  },
  resume: {
    from: ['PAUSED'],
    alsoUnknown: true,
    reached: 'RUNNING',
    needsDisksInStep: false,
    overtakes: [],
    phrase: 'It can be resumed',
    remedies: { STOPPED: [remedies.start] },
  },
  delete: {
    from: ['STOPPED', 'FAILED', 'UNKNOWN'],
    meanwhile: 'DELETING',
    needsDisksInStep: false,
    overtakes: [],
    phrase: 'Stop it first, or delete it with force=true. Without force it can be deleted',
    remedies: { RUNNING: [remedies.stop, remedies.useForce], PAUSED: [remedies.stop, remedies.useForce] },
  },
  forceDelete: {
    from: ['STOPPED', 'FAILED', 'UNKNOWN', 'RUNNING', 'PAUSED'],
    meanwhile: 'DELETING',
    needsDisksInStep: false,
    overtakes: ['vm.stop', 'vm.reboot', ...guestCallKinds],
    phrase: 'It can be deleted with force=true',
    remedies: {},
  },
  update: {
    from: settled,
    needsDisksInStep: false,
    overtakes: [],
    phrase: 'Its spec can be changed',
    remedies: {},
  },
  release: {
    from: ['RUNNING', 'PAUSED', 'STOPPED', 'UNKNOWN'],
    needsDisksInStep: false,
    onlyAdopted: true,
    barredBy: { group: 'any', because: 'Nobody would know of them any more' },
    overtakes: [],
    phrase: 'It can be released',
    remedies: {},
  },
  snapshot: {
    from: settled,
    needsDisksInStep: true,
    needsOwnDisks: true,
    overtakes: [],
    phrase: 'A snapshot can be taken',
    remedies: {},
  },
  revert: {
    from: settled,
    meanwhile: 'REVERTING',
    needsDisksInStep: true,
    overtakes: [],
    phrase: 'It can be reverted',
    remedies: {},
  },
  deleteSnapshot: {
    from: settled,
    needsDisksInStep: true,
    overtakes: [],
    phrase: 'A snapshot of it can be deleted',
    remedies: {},
  },
  attachDisk: {
    from: settled,
    needsDisksInStep: true,
    barredBy: disksGoBack,
    overtakes: [],
    phrase: 'A disk can be attached',
    remedies: {},
  },
  detachDisk: {
    from: lettingGo,
    needsDisksInStep: true,
    barredBy: disksGoBack,
    overtakes: [],
    phrase: 'A disk can be detached',
    remedies: { PAUSED: [remedies.resume, remedies.stop] },
  },
  resizeDisk: {
    from: settled,
    needsDisksInStep: true,
    barredBy: disksGoBack,
    overtakes: [],
    phrase: 'A disk can be made larger',
    remedies: {},
  },
  changeMedia: {
    from: settled,
    needsDisksInStep: false,
    overtakes: [],
    phrase: 'A medium can be changed',
    remedies: {},
  },
  attachNic: {
    from: settled,
    needsDisksInStep: false,
    barredBy: machineGoesBack,
    overtakes: [],
    phrase: 'A network card can be attached',
    remedies: {},
  },
  detachNic: {
    from: lettingGo,
    needsDisksInStep: false,
    barredBy: machineGoesBack,
    overtakes: [],
    phrase: 'A network card can be detached',
    remedies: { PAUSED: [remedies.resume, remedies.stop] },
  },
  askGuest: {
    from: running,
    needsDisksInStep: false,
    overtakes: [],
    phrase: 'Its guest agent can be asked',
    remedies: { PAUSED: [remedies.resume], STOPPED: [remedies.start] },
  },
} as const satisfies Record<string, VmActionRule>

export type VmAction = keyof typeof vmActions

/** Every action, in the table's order. */
export const vmActionNames = Object.keys(vmActions) as [VmAction, ...VmAction[]]

/** The rule of an action. */
export const ruleOf = (action: VmAction): VmActionRule => vmActions[action]

/** Whether there is nothing to do: the VM is where the action leads, and not on its way out of there. */
export const isReached = (
  action: VmAction,
  { state }: Pick<VmRow, 'state'>,
  operation: Pick<OperationRow, 'kind'> | null,
): boolean => state === ruleOf(action).reached && !leavesState(operation)

/** One that is being paused still runs. */
const leavesState = (operation: Pick<OperationRow, 'kind'> | null): boolean =>
  operation?.kind.startsWith('vm.') ?? false

/** Whether a VM in its state may begin the action. One that its node does not have is not waited for. */
export function vmMay(action: VmAction, { state, definedOnNode }: Pick<VmRow, 'state' | 'definedOnNode'>): boolean {
  const { from, alsoUnknown = false } = ruleOf(action)
  return from.includes(state) || (alsoUnknown && state === 'UNKNOWN' && definedOnNode)
}
