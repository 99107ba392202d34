import { findDomain, readRunState } from '../domain.ts'
import type { Log } from '../options.ts'
import { qmp } from '../qmp.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { DomainPausedReason, DomainState } from '../rpc/constants.gen.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import { type Domain, remote } from '../rpc/protocol.gen.ts'
import type { StoragePool } from '../storage-pool.ts'
import { isFrozen, thaw } from './freeze.ts'
import { isIdle } from './idle.ts'
import type { JournalEntry, SnapshotJournal } from './journal.ts'
import { readVmState } from './state.ts'
import { isTaken } from './taken.ts'

interface Deps {
  connection: LibvirtConnection
  pool: StoragePool
  journal: SnapshotJournal
  log: Log
}

/**
 * Leaves the guest as it was before its snapshot: thawed, and running if it ran. Resolves to what the journal says then.
 * A guest found frozen when its disks are taken makes the snapshot quiesced; one that thawed by itself does not.
 */
export async function settle(deps: Deps, entry: JournalEntry): Promise<JournalEntry> {
  if (entry.settled) return entry
  const { connection, journal, log } = deps
  const dom = await findActive(connection, entry.vmId)
  const quiesced = dom !== null && (await isQuiesced(deps, dom, entry))
  const judged: JournalEntry = quiesced ? { ...entry, consistency: 'quiesced' } : entry
  if (quiesced) await journal.write(judged)
  const settled = dom === null || (await release(connection, dom, entry))
  if (!settled) log.warn({ vm: { id: entry.vmId } }, 'the guest may still be frozen or paused after a snapshot')
  const result = { ...judged, settled }
  await journal.write(result)
  return result
}

/** Thaws and wakes; resolves to whether both are sure. */
async function release(
  connection: LibvirtConnection,
  dom: Domain,
  { freezes, pauses }: JournalEntry,
): Promise<boolean> {
  return (!freezes || (await thaw(connection, dom))) && (!pauses || (await wake(connection, dom)))
}

/** Settles every guest that a worker killed in the middle of a snapshot left. */
export async function settleAll(deps: Deps): Promise<void> {
  const entries = await deps.journal.listUnsettled()
  await Promise.all(
    entries.map((entry) =>
      settle(deps, entry).catch((error) =>
        deps.log.warn({ err: error, vm: { id: entry.vmId } }, 'cannot settle the guest after a snapshot'),
      ),
    ),
  )
}

async function findActive(connection: LibvirtConnection, vmId: string): Promise<Domain | null> {
  const dom = await findDomain(connection, vmId)
  return dom && (await connection.call(remote.domainIsActive, { dom })).active === 1 ? dom : null
}

async function isQuiesced(deps: Deps, dom: Domain, { freezes, vmId, snapshotId }: JournalEntry): Promise<boolean> {
  if (!freezes) return false
  try {
    if (!(await isFrozen(deps.connection, dom))) return false
  } catch (error) {
    if (isLibvirtError(error)) return false
    throw error
  }
  return isTaken(deps, await readVmState(deps.connection, deps.pool, vmId), snapshotId)
}

/** Why a domain stands still after libvirtd was killed while it saved its memory: libvirt itself wakes some and not others. */
const snapshotPauses: readonly number[] = [
  DomainPausedReason.UNKNOWN,
  DomainPausedReason.USER,
  DomainPausedReason.MIGRATION,
  DomainPausedReason.SAVE,
  DomainPausedReason.SNAPSHOT,
]

/** Resolves to whether the guest runs, or stands still for a reason of its own. */
async function wake(connection: LibvirtConnection, dom: Domain): Promise<boolean> {
  // A libvirtd that has just started tells the state of before until it has asked QEMU; this waits until it has.
  await qmp(connection, dom, 'query-status')
  const { state, reason } = await connection.call(remote.domainGetState, { dom, flags: 0 })
  if (state !== DomainState.PAUSED || !snapshotPauses.includes(reason)) return true
  if (!(await isIdle(connection, dom))) return false
  try {
    await connection.call(remote.domainResume, { dom })
  } catch (error) {
    // libvirt was faster.
    if ((await readRunState(connection, dom)) !== 'RUNNING') throw error
  }
  return true
}
