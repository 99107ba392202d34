import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** A merge that puts the content of one file into another, written down before the first could be left over. */
export interface Move {
  from: string
  to: string
}

/** What outlives the worker while it merges the files of a VM. */
export interface ReclaimEntry {
  vmId: string
  moves: readonly Move[]
  /** The guest stands still while QEMU changes from one file to another: it must go on whatever happens. */
  pauses: boolean
}

export interface ReclaimJournal {
  /** An empty entry where there is none. */
  read(vmId: string): Promise<ReclaimEntry>
  /** Replaces the VM's entry; an empty one is removed. */
  write(entry: ReclaimEntry): Promise<void>
  /** Writes down a merge that begins, in place of an earlier one of the same file. */
  addMove(vmId: string, move: Move): Promise<void>
  remove(vmId: string): Promise<void>
  /** The VMs whose guest may stand still. */
  listPaused(): Promise<string[]>
}

/** One small file for each VM, below the worker's state directory. */
export function reclaimJournal(stateDirectory: string): ReclaimJournal {
  const root = path.join(stateDirectory, 'reclaims')
  const fileOf = (vmId: string) => path.join(root, `${vmId}.json`)
  const remove = (vmId: string) => rm(fileOf(vmId), { force: true })

  async function read(vmId: string): Promise<ReclaimEntry> {
    try {
      return JSON.parse(await readFile(fileOf(vmId), 'utf8'))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { vmId, moves: [], pauses: false }
      throw error
    }
  }

  async function write(entry: ReclaimEntry): Promise<void> {
    if (entry.moves.length === 0 && !entry.pauses) return remove(entry.vmId)
    const file = fileOf(entry.vmId)
    await mkdir(root, { recursive: true })
    // Renamed into place: a worker killed here leaves the old entry or the new one.
    await writeFile(`${file}.new`, JSON.stringify(entry), { flush: true })
    await rename(`${file}.new`, file)
  }

  return {
    read,
    write,
    async addMove(vmId, move) {
      const entry = await read(vmId)
      await write({ ...entry, moves: [...entry.moves.filter(({ from }) => from !== move.from), move] })
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
