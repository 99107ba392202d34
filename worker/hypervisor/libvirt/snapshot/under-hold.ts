import type { AppError } from '#db/errors.ts'
import type { SnapshotRequest } from '#worker/hypervisor/snapshot-calls.ts'
import { holdErrors } from '../freeze/hold-errors.ts'
import type { Hold } from '../freeze/hold-files.ts'
import type { Holds } from '../freeze/holds.ts'
import type { JournalEntry, SnapshotJournal } from './journal.ts'

interface Deps {
  holds: Holds
  journal: SnapshotJournal
}

/** A snapshot of the disks of a guest that somebody holds frozen: it freezes and thaws nothing itself. */
export interface UnderHold {
  hold: Hold
  entry: JournalEntry
}

/**
 * Writes down what a snapshot of a held guest is going to be: crash-consistent until more was seen. Null where nobody
 * holds the guest, or it is off. Throws `failed_precondition` for its memory, which would be that of a frozen guest, and
 * where the snapshot must be quiesced and the guest is not frozen now, or not all of it.
 */
export async function prepareUnderHold(
  { holds, journal }: Deps,
  { vmId, quiesce }: SnapshotRequest,
  planned: JournalEntry,
): Promise<UnderHold | null> {
  if (planned.kind === 'offline') return null
  const hold = await holds.find(vmId)
  if (!hold) return null
  if (planned.kind === 'memory') throw holdErrors.isFrozen("A VM's memory cannot be saved")
  const obstacle = hold.isWhole ? ((await holds.isHeld(hold)) ? null : holdErrors.notHeld()) : holdErrors.heldInPart()
  if (obstacle && quiesce?.policy === 'require') throw obstacle
  const entry = { ...planned, notice: obstacle && noticeOf(obstacle) }
  await journal.write(entry)
  return { hold, entry }
}

/** After the disks were taken: what the snapshot is by what was seen of the guest. */
export async function labelUnderHold({ holds, journal }: Deps, { hold, entry }: UnderHold): Promise<JournalEntry> {
  if (entry.notice !== null) return entry
  const takenAt = new Date().toISOString()
  const { frozen, domainId, deadlineAt } = hold
  const labelled =
    frozen && (await holds.isHeld(hold))
      ? {
          ...entry,
          consistency: 'quiesced' as const,
          freeze: {
            ...{ domainId, deadlineAt, askedAt: frozen.askedAt, frozenAt: frozen.seenAt },
            ...{ fileSystems: frozen.fileSystems, takenAt, thawedAt: null },
          },
        }
      : { ...entry, notice: noticeOf(holdErrors.notHeld()) }
  await journal.write(labelled)
  return labelled
}

const noticeOf = ({ message }: AppError): string => `The snapshot is crash-consistent, as after a power cut. ${message}`
