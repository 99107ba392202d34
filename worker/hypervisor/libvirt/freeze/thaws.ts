/** A thaw that goes on, and what is known of its freeze by now. */
export interface Thaw<Freeze> {
  freeze: Freeze
  /** When the guest is thawed and that is written down; rejects never. */
  readonly ended: Promise<void>
}

/** The thaws that go on and those to come. */
export interface Thaws<Freeze> {
  /** Calls `thawOverdue` at the deadline, unless the thaw begins or is disarmed before. */
  arm(id: string, deadlineAt: string, thawOverdue: () => void): void
  disarm(id: string): void
  find(id: string): Thaw<Freeze> | undefined
  /** Begins the one thaw of a freeze, `find` having found none: a second one could thaw what was frozen anew meanwhile. */
  begin(id: string, freeze: Freeze, run: (thaw: Thaw<Freeze>, signal: AbortSignal) => Promise<void>): Thaw<Freeze>
  /** Ends what goes on. */
  close(): void
}

/** `failed` hears why a thaw could not be carried to its end. */
export function createThaws<Freeze>(failed: (freeze: Freeze, error: unknown) => void): Thaws<Freeze> {
  const closing = new AbortController()
  const deadlines = new Map<string, NodeJS.Timeout>()
  const thaws = new Map<string, Thaw<Freeze>>()

  function disarm(id: string): void {
    clearTimeout(deadlines.get(id))
    deadlines.delete(id)
  }

  return {
    arm(id, deadlineAt, thawOverdue) {
      deadlines.set(id, setTimeout(thawOverdue, Date.parse(deadlineAt) - Date.now()))
    },
    disarm,
    find: (id) => thaws.get(id),
    begin(id, freeze, run) {
      disarm(id)
      const thaw = { freeze, ended: Promise.resolve() }
      thaws.set(id, thaw)
      thaw.ended = run(thaw, closing.signal)
        .catch((error) => {
          if (!closing.signal.aborted) failed(thaw.freeze, error)
        })
        .finally(() => thaws.delete(id))
      return thaw
    },
    close() {
      closing.abort()
      for (const timer of deadlines.values()) clearTimeout(timer)
    },
  }
}
