import { findDomain, readRunState } from '../domain.ts'
import type { Log } from '../options.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { isLibvirtError } from '../rpc/errors.ts'
import type { Domain } from '../rpc/protocol.gen.ts'
import type { StoragePool } from '../storage-pool.ts'
import { isFrozen, thaw } from './freeze.ts'
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
 * Thaws a guest that a snapshot froze, or may have frozen. A guest that is frozen still when its disks are taken makes
 * the snapshot quiesced; one that thawed by itself does not. Resolves to what the journal says then.
 */
export async function release(deps: Deps, entry: JournalEntry): Promise<JournalEntry> {
  if (!entry.frozen) return entry
  const { connection, journal, log } = deps
  const dom = await findRunning(connection, entry.vmId)
  if (!dom) return written(journal, { ...entry, frozen: false })

  const quiesced = (await isSurelyFrozen(connection, dom)) && (await isTakenNow(deps, entry))
  const judged: JournalEntry = { ...entry, consistency: quiesced ? 'quiesced' : entry.consistency }
  await journal.write(judged)
  const thawed = await thaw(connection, dom)
  if (!thawed) log.warn({ vm: { id: entry.vmId } }, 'the guest may still be frozen: its agent does not answer')
  return written(journal, { ...judged, frozen: !thawed })
}

/** Thaws every guest that a worker killed in the middle of a snapshot left frozen. */
export async function releaseAll(deps: Deps): Promise<void> {
  const entries = await deps.journal.listFrozen()
  await Promise.all(
    entries.map((entry) =>
      release(deps, entry).catch((error) =>
        deps.log.warn({ err: error, vm: { id: entry.vmId } }, 'cannot thaw the guest'),
      ),
    ),
  )
}

async function written(journal: SnapshotJournal, entry: JournalEntry): Promise<JournalEntry> {
  await journal.write(entry)
  return entry
}

async function findRunning(connection: LibvirtConnection, vmId: string): Promise<Domain | null> {
  const dom = await findDomain(connection, vmId)
  return dom && (await readRunState(connection, dom)) !== 'STOPPED' ? dom : null
}

async function isSurelyFrozen(connection: LibvirtConnection, dom: Domain): Promise<boolean> {
  try {
    return await isFrozen(connection, dom)
  } catch (error) {
    if (isLibvirtError(error)) return false
    throw error
  }
}

const isTakenNow = async (deps: Deps, { vmId, snapshotId }: JournalEntry): Promise<boolean> =>
  isTaken(deps, await readVmState(deps.connection, deps.pool, vmId), snapshotId)
