import { setTimeout as sleep } from 'node:timers/promises'
import { findDomain } from '../domain.ts'
import { isFrozen } from '../freeze/freeze.ts'
import type { ThawLine } from '../freeze/thaw-line.ts'
import { thawUntilSeen } from '../freeze/thaw-until-seen.ts'
import { createThaws, type Thaw } from '../freeze/thaws.ts'
import type { Log } from '../options.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import type { StoragePool } from '../storage-pool.ts'
import type { JournalEntry, SnapshotJournal } from './journal.ts'
import { readVmState } from './state.ts'
import { isTaken } from './taken.ts'
import { wake } from './wake.ts'

interface Deps {
  connection: LibvirtConnection
  thawLine: ThawLine
  pool: StoragePool
  journal: SnapshotJournal
  log: Log
}

/** Leaves guests as they were before their snapshot. There is one for each worker: it knows which thaws are under way. */
export interface Settlements {
  /**
   * Thaws the guest, or wakes it. Resolves to what the journal says then, after `withinMs` at the latest; a guest that is
   * not seen thawed by then is thawed further, until it is. One found frozen when its disks are taken makes the snapshot
   * quiesced; one that thawed by itself does not.
   */
  settle(entry: JournalEntry, withinMs?: number): Promise<JournalEntry>
  /** Thaws the guest at its deadline, unless it is settled before. */
  settleByDeadline(entry: JournalEntry): void
  /** Takes back that the guest is to be thawed: somebody else froze it. */
  forget(entry: JournalEntry): Promise<JournalEntry>
  /** Settles what earlier snapshots of the VM left. */
  settleVm(vmId: string): Promise<void>
  /** Settles every guest that a worker killed in the middle of a snapshot left. */
  settleAll(): Promise<void>
  /** Ends what goes on. The journal keeps what is not settled, for the next worker. */
  close(): void
}

/** A thaw takes milliseconds, or an agent is in its way that does not answer. */
export const settleWithinMs = 3_000
/** Reading what libvirt has takes milliseconds, unless it is stuck: then the guest waits no longer for it. */
const judgeWithinMs = 2_000

export function createSettlements(deps: Deps): Settlements {
  const { connection, thawLine, journal, log } = deps
  const thaws = createThaws<JournalEntry>((entry, error) =>
    warn(entry, 'cannot write down that a guest is thawed', error),
  )

  async function settle(entry: JournalEntry, withinMs = settleWithinMs): Promise<JournalEntry> {
    if (entry.settled) return entry
    const settled = entry.freeze === null ? await settlePaused(entry) : await settleFrozen(entry, withinMs)
    if (!settled.settled) warn(entry, 'the guest may still be frozen or paused after a snapshot')
    return settled
  }

  async function settlePaused(entry: JournalEntry): Promise<JournalEntry> {
    const dom = await findDomain(connection, entry.vmId)
    const settled = { ...entry, settled: dom === null || (await wake(connection, dom)) }
    await journal.write(settled)
    return settled
  }

  async function settleFrozen(entry: JournalEntry, withinMs: number): Promise<JournalEntry> {
    const thaw = begin(entry, judged)
    await Promise.race([thaw.ended, sleep(withinMs, undefined, { ref: false })])
    return thaw.freeze
  }

  function begin(entry: JournalEntry, judge: (entry: JournalEntry) => Promise<JournalEntry>): Thaw<JournalEntry> {
    const running = thaws.find(entry.snapshotId)
    if (!running) return thaws.begin(entry.snapshotId, entry, (thaw, signal) => run(thaw, judge, signal))
    running.freeze = { ...running.freeze, notice: entry.notice }
    return running
  }

  async function run(
    thaw: Thaw<JournalEntry>,
    judge: (entry: JournalEntry) => Promise<JournalEntry>,
    signal: AbortSignal,
  ): Promise<void> {
    const { vmId, snapshotId, freeze } = thaw.freeze
    if (freeze === null) return
    const { consistency } = await judge(thaw.freeze)
    thaw.freeze = { ...thaw.freeze, consistency }
    // A full disk must not keep the guest frozen.
    await journal.write(thaw.freeze).catch((error) => warn(thaw.freeze, 'cannot write that a guest was frozen', error))
    await thawUntilSeen(thawLine, { vmId, domainId: freeze.domainId }, signal)
    thaw.freeze = { ...thaw.freeze, settled: true, freeze: { ...freeze, thawedAt: new Date().toISOString() } }
    // The VM may have been deleted, and its journal with it.
    if (await journal.read(vmId, snapshotId)) await journal.write(thaw.freeze)
  }

  async function judged(entry: JournalEntry): Promise<JournalEntry> {
    return (await isQuiesced(deps, entry)) ? { ...entry, consistency: 'quiesced' } : entry
  }

  function settleByDeadline(entry: JournalEntry): void {
    if (entry.freeze === null) return
    const thawOverdue = () => {
      warn(entry, 'the guest was not thawed by its deadline')
      begin(entry, async (overdue) => overdue)
    }
    thaws.arm(entry.snapshotId, entry.freeze.deadlineAt, thawOverdue)
  }

  const warn = ({ vmId }: JournalEntry, message: string, err?: unknown) =>
    log.warn({ vm: { id: vmId }, ...(err !== undefined && { err }) }, message)

  return {
    settle,
    settleByDeadline,
    async forget(entry) {
      thaws.disarm(entry.snapshotId)
      const forgotten = { ...entry, freeze: null, settled: true }
      await journal.write(forgotten)
      return forgotten
    },
    async settleVm(vmId) {
      for (const entry of await journal.listUnsettled(vmId)) await settle(entry)
    },
    async settleAll() {
      const entries = await journal.listUnsettled()
      const cannot = (entry: JournalEntry) => (error: unknown) =>
        warn(entry, 'cannot settle the guest after a snapshot', error)
      await Promise.all(entries.map((entry) => settle(entry).catch(cannot(entry))))
    },
    close: thaws.close,
  }
}

/** Whether the guest was frozen before its disks were taken, and still is. What cannot be seen is not claimed. */
async function isQuiesced(deps: Deps, { vmId, snapshotId, freeze }: JournalEntry): Promise<boolean> {
  if (!freeze?.frozenAt) return false
  // For as long as it takes: an agent answers one call after the other, so the thaw would wait behind it.
  const isStillFrozen = await deps.thawLine.ask({ vmId, domainId: freeze.domainId }, isFrozen).catch(() => false)
  if (!isStillFrozen || freeze.takenAt !== null) return isStillFrozen === true
  const seen = readVmState(deps.connection, deps.pool, vmId).then((vm) => isTaken(deps, vm, snapshotId))
  return Promise.race([seen.catch(() => false), sleep(judgeWithinMs, false, { ref: false })])
}
