import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { readJson, writeJson } from '#worker/json-file.ts'

/** A merge of two files, written down before either could be mistaken for what it is not. */
export interface Merge {
  /**
   * `middle`: of a chain that runs, the child's data goes down, and its overlays stand on the parent then.
   * `top`: the child's data goes down, and the VM writes to the parent then.
   * `pull`: the parent's data comes up into the child, whose head names the new file below before all of it is there.
   * `stopped`: without QEMU the child's data goes down.
   */
  kind: 'middle' | 'top' | 'pull' | 'stopped'
  child: string
  parent: string
}

/** What outlives the worker while it merges the files of a VM. */
export interface ReclaimEntry {
  vmId: string
  merges: readonly Merge[]
  /** The guest stands still while QEMU changes from one file to another: it must go on whatever happens. */
  pauses: boolean
}

export interface ReclaimJournal {
  /** An empty entry where there is none. */
  read(vmId: string): Promise<ReclaimEntry>
  /** Replaces the VM's entry; an empty one is removed. */
  write(entry: ReclaimEntry): Promise<void>
  /** Writes down a merge that begins, in place of an earlier one of the same file. */
  addMerge(vmId: string, merge: Merge): Promise<void>
  forget(vmId: string, isOver: (merge: Merge) => boolean): Promise<void>
  remove(vmId: string): Promise<void>
  /** The VMs whose guest may stand still. */
  listPaused(): Promise<string[]>
}

/** One small file for each VM, below the worker's state directory. */
export function reclaimJournal(stateDirectory: string): ReclaimJournal {
  const root = path.join(stateDirectory, 'reclaims')
  const fileOf = (vmId: string) => path.join(root, `${vmId}.json`)
  const remove = (vmId: string) => rm(fileOf(vmId), { force: true })

  const read = async (vmId: string): Promise<ReclaimEntry> =>
    (await readJson(fileOf(vmId))) ?? { vmId, merges: [], pauses: false }
  const write = (entry: ReclaimEntry) =>
    entry.merges.length === 0 && !entry.pauses ? remove(entry.vmId) : writeJson(fileOf(entry.vmId), entry)

  return {
    read,
    write,
    async addMerge(vmId, merge) {
      const entry = await read(vmId)
      await write({ ...entry, merges: [...entry.merges.filter(({ child }) => child !== merge.child), merge] })
    },
    async forget(vmId, isOver) {
      const entry = await read(vmId)
      const merges = entry.merges.filter((merge) => !isOver(merge))
      if (merges.length < entry.merges.length) await write({ ...entry, merges })
    },
    remove,
    async listPaused() {
      await mkdir(root, { recursive: true })
      const vmIds = (await readdir(root)).filter((name) => name.endsWith('.json')).map((name) => path.parse(name).name)
      const entries = await Promise.all(vmIds.map(read))
      return entries.filter(({ pauses }) => pauses).map(({ vmId }) => vmId)
    },
  }
}
