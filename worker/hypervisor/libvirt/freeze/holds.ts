import { setTimeout as sleep } from 'node:timers/promises'
import { findDomain } from '../domain.ts'
import type { Log } from '../options.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { isFrozen } from './freeze.ts'
import type { Hold, HoldFiles } from './hold-files.ts'
import type { ThawLine } from './thaw-line.ts'
import { thawUntilSeen } from './thaw-until-seen.ts'
import { createThaws, type Thaw } from './thaws.ts'
import { isTokenOf } from './token.ts'

interface Deps {
  connection: LibvirtConnection
  thawLine: ThawLine
  files: HoldFiles
  /** Runs the guest's post-thaw scripts. Resolves to why they failed, null where they did not. */
  runPostThaw(vmId: string): Promise<string | null>
  log: Log
}

/** A hold, and its thaw as far as it got. */
export interface HeldFreeze extends Hold {
  /** Whether the guest was still frozen when its thaw began; null as long as nobody knows. */
  wasFrozen: boolean | null
  /** Why the post-thaw scripts failed; null where they did not, or were not run. */
  scriptsError: string | null
}

/** The guests that are held frozen, one hold each. There is one for each worker: it knows which thaws are under way. */
export interface Holds {
  /** One of a run that has ended is none. One that is being thawed is waited for, and found where the guest was not seen thawed by then. */
  find(vmId: string): Promise<Hold | null>
  /** The one with this token, and that stands. */
  findByToken(vmId: string, token: string): Hold | null
  /** Whether nobody has begun to thaw it. */
  isStanding(hold: Hold): boolean
  /** Whether it stands, and the guest says that it is frozen. */
  isHeld(hold: Hold): Promise<boolean>
  /** Writes it down; from now on its deadline thaws. */
  add(hold: Hold): Promise<void>
  /** Writes down what has become of it. Resolves to whether it still stands. */
  update(before: Hold, after: Hold): Promise<boolean>
  /** Takes it back: somebody else froze the guest. */
  forget(hold: Hold): Promise<void>
  /** Thaws the guest, after which the token is nobody's. Resolves to how far that got within the time; it goes on. */
  thaw(hold: Hold, options: { runScripts: boolean; withinMs: number }): Promise<HeldFreeze>
  /** Thaws the guest if it is held, with the scripts that are owed. */
  release(vmId: string): Promise<void>
  /** Takes up what a worker before left: thaws what is overdue or was never held, the rest at its deadline. */
  resume(): Promise<void>
  /** Thaws every guest that is held: nobody may be there at its deadline. The files keep what was not seen thawed. */
  close(): Promise<void>
}

/** A thaw takes milliseconds, or an agent is in its way that does not answer. */
export const thawWithinMs = 3_000
/** Asking a guest takes milliseconds, unless it hangs: then nobody waits longer for it. */
const judgeWithinMs = 2_000

export function createHolds({ connection, thawLine, files, runPostThaw, log }: Deps): Holds {
  const holds = new Map<string, Hold>()
  const thaws = createThaws<HeldFreeze>((hold, error) => warn(hold, 'cannot write down that a guest is thawed', error))
  const isStanding = (hold: Hold) => holds.get(hold.vmId) === hold && !thaws.find(hold.vmId)

  /** Whether the VM has run on since it was frozen: the event of its end may have been lost. */
  const isSameRun = async ({ vmId, domainId }: Hold) => (await findDomain(connection, vmId))?.id === domainId

  /** Null where the guest does not say. */
  const askFrozen = (hold: Hold): Promise<boolean | null> =>
    thawLine.ask(hold, isFrozen).then(
      (answer) => answer ?? false,
      () => null,
    )

  const askFrozenSoon = (hold: Hold) => Promise.race([askFrozen(hold), sleep(judgeWithinMs, null, { ref: false })])

  function begin(hold: Hold, runScripts: boolean): Thaw<HeldFreeze> {
    const running = thaws.find(hold.vmId)
    if (running) return running
    const freeze = { ...hold, wasFrozen: null, scriptsError: null }
    return thaws.begin(hold.vmId, freeze, (thaw, signal) => run(thaw, hold, runScripts, signal))
  }

  async function run(thaw: Thaw<HeldFreeze>, hold: Hold, runScripts: boolean, signal: AbortSignal): Promise<void> {
    const isThere = hold.thawedAt === null ? await thawNow(thaw, signal) : await isSameRun(hold)
    if (runScripts && isThere) {
      // The next worker runs the scripts, and thaws nothing that somebody else may have frozen since.
      const scriptsDue = { ...hold, thawedAt: thaw.freeze.thawedAt, owesScripts: true }
      await files.write(scriptsDue).catch((error) => warn(hold, 'cannot write that a guest is thawed', error))
      const scriptsError = await runPostThaw(hold.vmId)
      if (scriptsError !== null) warn(hold, `the post-thaw scripts of a guest failed: ${scriptsError}`)
      thaw.freeze = { ...thaw.freeze, scriptsError }
    }
    holds.delete(hold.vmId)
    await files.remove(hold.vmId)
  }

  async function thawNow(thaw: Thaw<HeldFreeze>, signal: AbortSignal): Promise<boolean> {
    const hold = thaw.freeze
    // For as long as it takes: an agent answers one call after the other, so the thaw would wait behind it.
    const wasFrozen = await askFrozen(hold)
    const isThere = await thawUntilSeen(thawLine, hold, signal)
    thaw.freeze = { ...hold, wasFrozen, thawedAt: new Date().toISOString() }
    return isThere
  }

  function arm(hold: Hold): void {
    thaws.arm(hold.vmId, hold.deadlineAt, () => {
      warn(hold, 'nobody thawed the guest by its deadline')
      begin(hold, hold.owesScripts)
    })
  }

  async function thaw(hold: Hold, { runScripts, withinMs }: { runScripts: boolean; withinMs: number }) {
    const begun = begin(hold, runScripts)
    await Promise.race([begun.ended, sleep(withinMs, undefined, { ref: false })])
    if (begun.freeze.thawedAt === null) warn(hold, 'the guest may still be frozen')
    return begun.freeze
  }

  async function release(vmId: string): Promise<void> {
    const hold = holds.get(vmId)
    if (hold) await thaw(hold, { runScripts: hold.owesScripts, withinMs: thawWithinMs })
  }

  const warn = ({ vmId }: Hold, message: string, err?: unknown) =>
    log.warn({ vm: { id: vmId }, ...(err !== undefined && { err }) }, message)

  return {
    async find(vmId) {
      const hold = holds.get(vmId)
      if (hold && (thaws.find(vmId) || !(await isSameRun(hold)))) await release(vmId)
      return holds.get(vmId) ?? null
    },
    findByToken(vmId, token) {
      const hold = holds.get(vmId)
      return hold?.frozen && isTokenOf(hold, token) && isStanding(hold) ? hold : null
    },
    isStanding,
    // A thaw may begin while the guest is asked.
    isHeld: async (hold) => isStanding(hold) && (await askFrozenSoon(hold)) === true && isStanding(hold),
    async add(hold) {
      await files.write(hold)
      holds.set(hold.vmId, hold)
      arm(hold)
    },
    async update(before, after) {
      if (!isStanding(before)) return false
      holds.set(after.vmId, after)
      thaws.disarm(before.vmId)
      arm(after)
      await files.write(after)
      return isStanding(after)
    },
    async forget({ vmId }) {
      thaws.disarm(vmId)
      holds.delete(vmId)
      await files.remove(vmId)
    },
    thaw,
    release,
    async resume() {
      const left = await files.readAll()
      for (const hold of left) holds.set(hold.vmId, hold)
      const overdue = left.filter((hold) => isOverdue(hold))
      for (const hold of left) if (!overdue.includes(hold)) arm(hold)
      await Promise.all(overdue.map(({ vmId }) => release(vmId)))
    },
    async close() {
      await Promise.all([...holds.keys()].map(release))
      thaws.close()
    },
  }
}

/** Whether a hold that a worker before left is to end now. A clock that was set back does not make it longer. */
const isOverdue = ({ frozen, thawedAt, beganAt, deadlineAt }: Hold): boolean =>
  frozen === null || thawedAt !== null || Date.now() < Date.parse(beganAt) || Date.now() >= Date.parse(deadlineAt)
