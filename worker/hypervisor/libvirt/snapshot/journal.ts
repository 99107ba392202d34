import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { CpuFacts } from '#db/rules/memory-snapshot.ts'
import type { SnapshotConsistency, SnapshotKind } from '#db/schema/snapshot.ts'
import { readJson, writeJson } from '#worker/json-file.ts'

/** What a snapshot is going to be, written down before it is taken: afterwards the VM may have changed or stopped. */
export interface JournalEntry {
  vmId: string
  snapshotId: string
  kind: SnapshotKind
  /** Becomes `quiesced` only when the guest was seen frozen before the disks were taken and after. */
  consistency: SnapshotConsistency
  /** For people: why it is less than what was preferred. */
  notice: string | null
  effectiveCpu: CpuFacts | null
  /** File systems are frozen for it: the guest must be thawed whatever happens. */
  freeze: JournaledFreeze | null
  /** The guest stands still while its memory is saved: it must go on whatever happens. */
  pauses: boolean
  /** The guest is as it was before. */
  settled: boolean
}

/** The freeze of a guest, in the order in which it happens. ISO 8601, by the wall clock: they hold for the next worker too. */
export interface JournaledFreeze {
  /** libvirt's number of the run of the VM that was frozen. */
  domainId: number
  /** The guest is thawed then at the latest, whatever the snapshot is at. */
  deadlineAt: string
  askedAt: string
  /** When the guest was seen frozen. */
  frozenAt: string | null
  /** Mount points; empty where the agent does not name them. */
  fileSystems: string[]
  /** When libvirt answered that the disks were taken. */
  takenAt: string | null
  /** When the guest was seen thawed, or gone. */
  thawedAt: string | null
}

export interface SnapshotJournal {
  write(entry: JournalEntry): Promise<void>
  read(vmId: string, snapshotId: string): Promise<JournalEntry | null>
  remove(vmId: string, snapshotId: string): Promise<void>
  removeVm(vmId: string): Promise<void>
  /** Every entry, or every one of a VM, whose guest may be frozen or stand still. */
  listUnsettled(vmId?: string): Promise<JournalEntry[]>
}

/** One small file for each snapshot of each VM, below the worker's state directory. */
export function snapshotJournal(stateDirectory: string): SnapshotJournal {
  const root = path.join(stateDirectory, 'snapshots')
  const fileOf = (vmId: string, snapshotId: string) => path.join(root, vmId, `${snapshotId}.json`)
  /** Read from the files once: nearly every entry is settled, and none of them is read again for each snapshot. */
  let unsettled: Promise<Map<string, JournalEntry>> | undefined

  function knownUnsettled(): Promise<Map<string, JournalEntry>> {
    unsettled ??= readUnsettled(root).catch((error) => {
      unsettled = undefined
      throw error
    })
    return unsettled
  }

  return {
    async write(entry) {
      await writeJson(fileOf(entry.vmId, entry.snapshotId), entry)
      const known = await knownUnsettled()
      if (entry.settled) known.delete(entry.snapshotId)
      else known.set(entry.snapshotId, entry)
    },
    read: (vmId, snapshotId) => readJson(fileOf(vmId, snapshotId)),
    async remove(vmId, snapshotId) {
      await rm(fileOf(vmId, snapshotId), { force: true })
      ;(await knownUnsettled()).delete(snapshotId)
    },
    async removeVm(vmId) {
      await rm(path.join(root, vmId), { recursive: true, force: true })
      const known = await knownUnsettled()
      for (const entry of known.values()) if (entry.vmId === vmId) known.delete(entry.snapshotId)
    },
    async listUnsettled(vmId) {
      const entries = [...(await knownUnsettled()).values()]
      return vmId === undefined ? entries : entries.filter((entry) => entry.vmId === vmId)
    },
  }
}

async function readUnsettled(root: string): Promise<Map<string, JournalEntry>> {
  await mkdir(root, { recursive: true })
  const files = (await readdir(root, { recursive: true })).filter((name) => name.endsWith('.json'))
  const entries = await Promise.all(files.map((name) => readJson<JournalEntry>(path.join(root, name))))
  const unsettled = entries.filter((entry) => entry !== null).filter(({ settled }) => !settled)
  return new Map(unsettled.map((entry) => [entry.snapshotId, entry]))
}
