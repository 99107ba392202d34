import { AppError } from '#db/errors.ts'
import type { RunState, StateReason, VmObservation } from '#worker/hypervisor/port.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import {
  DomainPausedReason,
  DomainRunningReason,
  DomainShutoffReason,
  DomainState,
  DomainXmlFlags,
} from './rpc/constants.gen.ts'
import { unlessNotFound } from './rpc/errors.ts'
import { type Domain, remote } from './rpc/protocol.gen.ts'

/** The VM's domain, or null where libvirt has none. */
export async function findDomain(connection: LibvirtConnection, vmId: string): Promise<Domain | null> {
  const found = await unlessNotFound(connection.call(remote.domainLookupByUuid, { uuid: vmId }))
  return found?.dom ?? null
}

/** The VM's domain. Throws `not_found` where libvirt has none. */
export async function requireDomain(connection: LibvirtConnection, vmId: string): Promise<Domain> {
  const domain = await findDomain(connection, vmId)
  if (!domain) throw vmNotOnNode()
  return domain
}

export const vmNotOnNode = (): AppError =>
  new AppError('not_found', 'The VM does not exist on its node.', { reason: 'VM_NOT_ON_NODE' })

/** Whether the domain had a QEMU when libvirt was asked for it; libvirt numbers each run of one. */
export const hadQemu = ({ id }: Domain): boolean => id >= 0

const runStates: Record<number, RunState> = {
  [DomainState.RUNNING]: 'RUNNING',
  [DomainState.BLOCKED]: 'RUNNING',
  // Going down: it runs until it is off.
  [DomainState.SHUTDOWN]: 'RUNNING',
  [DomainState.PAUSED]: 'PAUSED',
  [DomainState.PMSUSPENDED]: 'PAUSED',
  [DomainState.SHUTOFF]: 'STOPPED',
  [DomainState.CRASHED]: 'STOPPED',
}

/** Of each state, what libvirt's reason for it is to us; it has others that say nothing. */
const stateReasons: Record<RunState, Record<number, StateReason>> = {
  RUNNING: {
    [DomainRunningReason.BOOTED]: 'started',
    [DomainRunningReason.UNPAUSED]: 'resumed',
  },
  PAUSED: {
    [DomainPausedReason.USER]: 'paused',
    [DomainPausedReason.IOERROR]: 'io-error',
    [DomainPausedReason.WATCHDOG]: 'watchdog',
    [DomainPausedReason.CRASHED]: 'crashed',
    [DomainPausedReason.STARTING_UP]: 'changing',
    [DomainPausedReason.SHUTTING_DOWN]: 'changing',
  },
  STOPPED: {
    [DomainShutoffReason.SHUTDOWN]: 'shutdown',
    [DomainShutoffReason.DESTROYED]: 'destroyed',
    [DomainShutoffReason.CRASHED]: 'crashed',
    [DomainShutoffReason.FAILED]: 'start-failed',
  },
}

/** States whose reasons are numbered in their own way. */
const reasonOfState: Record<number, StateReason | null> = {
  [DomainState.BLOCKED]: null,
  [DomainState.SHUTDOWN]: null,
  [DomainState.PMSUSPENDED]: null,
  [DomainState.CRASHED]: 'crashed',
}

/** What libvirt's two numbers for a domain's state are to us. */
export function stateOf({ state, reason }: LibvirtState): Pick<VmObservation, 'state' | 'stateReason'> {
  const known = runStates[state]
  if (!known) throw new AppError('unavailable', `libvirt does not know the VM's state (${state}).`)
  const ownReason = reasonOfState[state]
  return { state: known, stateReason: ownReason === undefined ? (stateReasons[known][reason] ?? null) : ownReason }
}

export interface LibvirtState {
  /** A DomainState. */
  state: number
  /** Of an enum of the state's own. */
  reason: number
}

export const readState = (connection: LibvirtConnection, dom: Domain): Promise<LibvirtState> =>
  connection.call(remote.domainGetState, { dom, flags: 0 })

export const readRunState = async (connection: LibvirtConnection, dom: Domain): Promise<RunState> =>
  stateOf(await readState(connection, dom)).state

/** Whether libvirt says that it is starting it. */
export const isStartingUp = ({ state, reason }: LibvirtState): boolean =>
  state === DomainState.PAUSED && reason === DomainPausedReason.STARTING_UP

/** The definition that runs; of a stopped domain the one it would start with. */
export const readLiveXml = async (connection: LibvirtConnection, dom: Domain): Promise<string> =>
  (await connection.call(remote.domainGetXmlDesc, { dom, flags: 0 })).xml

/** The definition that the next start takes. */
export const readInactiveXml = async (connection: LibvirtConnection, dom: Domain): Promise<string> =>
  (await connection.call(remote.domainGetXmlDesc, { dom, flags: DomainXmlFlags.INACTIVE })).xml
