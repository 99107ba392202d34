import { AppError } from '#db/errors.ts'

/** Keeps the calls that change a VM's files from running at the same time. */
export interface VmLocks {
  /** Does the work when all that was begun on the VM before has ended. */
  exclusive<Result>(vmId: string, work: () => Promise<Result>): Promise<Result>
  /**
   * Looks at the VM; who wants the same while it goes on gets the same answer. Throws `unavailable` while other work goes
   * on: what it would see is no state to judge.
   */
  check<Result>(vmId: string, look: () => Promise<Result>): Promise<Result>
}

export function vmLocks(): VmLocks {
  const last = new Map<string, Promise<unknown>>()
  const checks = new Map<string, Promise<unknown>>()

  async function exclusive<Result>(vmId: string, work: () => Promise<Result>): Promise<Result> {
    const result = (last.get(vmId) ?? Promise.resolve()).then(work)
    const ended = result.catch(() => {})
    last.set(vmId, ended)
    try {
      return await result
    } finally {
      if (last.get(vmId) === ended) last.delete(vmId)
    }
  }

  return {
    exclusive,
    async check<Result>(vmId: string, look: () => Promise<Result>): Promise<Result> {
      const same = checks.get(vmId) as Promise<Result> | undefined
      if (same) return same
      if (last.has(vmId)) {
        throw new AppError('unavailable', 'Other work on this VM goes on.', { reason: 'HYPERVISOR_BUSY' })
      }
      const result = exclusive(vmId, look)
      checks.set(vmId, result)
      try {
        return await result
      } finally {
        checks.delete(vmId)
      }
    },
  }
}
