import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { readJson, writeJson } from '#worker/json-file.ts'

/** A freeze that lasts until its token comes, or its deadline. ISO 8601, by the wall clock: it holds for the next worker too. */
export interface Hold {
  vmId: string
  /** libvirt's number of the run of the VM that was frozen. */
  domainId: number
  /** Of the token, that nobody who reads the file can thaw. */
  tokenSha256: string
  beganAt: string
  /** The guest is thawed then at the latest. */
  deadlineAt: string
  /** Whether nothing that can be frozen is left out. */
  isWhole: boolean
  /** Whether pre-freeze scripts may have run: whoever thaws without being asked to runs the post-thaw ones. */
  owesScripts: boolean
  /** Null as long as nobody has been given the token. */
  frozen: {
    askedAt: string
    /** When the guest was seen frozen. */
    seenAt: string
    /** Mount points. */
    fileSystems: string[]
  } | null
  /** When the guest was seen thawed, or gone; on the disk only as long as its post-thaw scripts are due. */
  thawedAt: string | null
}

/** One small file for each guest that is held frozen, below the worker's state directory. */
export interface HoldFiles {
  write(hold: Hold): Promise<void>
  remove(vmId: string): Promise<void>
  readAll(): Promise<Hold[]>
}

export function holdFiles(stateDirectory: string): HoldFiles {
  const root = path.join(stateDirectory, 'freezes')
  const fileOf = (vmId: string) => path.join(root, `${vmId}.json`)
  let last: Promise<unknown> = Promise.resolve()

  /** In the order in which it is asked for: what was removed does not come back. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }

  return {
    write: (hold) => inTurn(() => writeJson(fileOf(hold.vmId), hold)),
    remove: (vmId) => inTurn(() => rm(fileOf(vmId), { force: true })),
    async readAll() {
      await mkdir(root, { recursive: true })
      const names = (await readdir(root)).filter((name) => name.endsWith('.json'))
      const holds = await Promise.all(names.map((name) => readJson<Hold>(path.join(root, name))))
      return holds.filter((hold) => hold !== null)
    },
  }
}
