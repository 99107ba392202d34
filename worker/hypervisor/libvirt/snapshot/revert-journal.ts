import { rm } from 'node:fs/promises'
import path from 'node:path'
import type { SnapshotDisk } from '#db/schema/snapshot.ts'
import type { RunState } from '#worker/hypervisor/port.ts'
import type { Reverted, SnapshotTaken } from '#worker/hypervisor/snapshot-calls.ts'
import { readJson, writeJson } from '#worker/json-file.ts'

/** A revert from the moment on from which it may take the VM away: the way back, and its result once it has one. */
export interface RevertEntry {
  vmId: string
  operationId: string
  before: {
    state: RunState
    disks: SnapshotDisk[]
    /** A UEFI VM that never ran has no variables yet. */
    hasNvram: boolean
  }
  /** What was current, described while it still was. */
  kept: SnapshotTaken | null
  /** Null until the VM is where it was to be put. */
  reverted: Reverted | null
}

export interface RevertJournal {
  write(entry: RevertEntry): Promise<void>
  /** The VM's entry for that operation. */
  read(vmId: string, operationId: string): Promise<RevertEntry | null>
  /** The VM's revert that is neither done nor undone. */
  readUnfinished(vmId: string): Promise<RevertEntry | null>
  remove(vmId: string): Promise<void>
}

/** The last revert of each VM, in one small file below the worker's state directory. */
export function revertJournal(stateDirectory: string): RevertJournal {
  const root = path.join(stateDirectory, 'reverts')
  const fileOf = (vmId: string) => path.join(root, `${vmId}.json`)

  const readLast = (vmId: string) => readJson<RevertEntry>(fileOf(vmId))

  return {
    write: (entry) => writeJson(fileOf(entry.vmId), entry),
    async read(vmId, operationId) {
      const entry = await readLast(vmId)
      return entry?.operationId === operationId ? entry : null
    },
    async readUnfinished(vmId) {
      const entry = await readLast(vmId)
      return entry?.reverted === null ? entry : null
    },
    remove: (vmId) => rm(fileOf(vmId), { force: true }),
  }
}
