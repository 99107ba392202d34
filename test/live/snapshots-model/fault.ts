import { AppError } from '#db/errors.ts'
import type { ExecuteDependencies } from '#worker/operations/execute.ts'
import type { StepMoment } from '#worker/operations/run-steps.ts'

/** What happens to an operation at a moment of one of its steps: it fails for good, or its worker goes and another one goes on. */
export interface Fault {
  step: string
  moment: Exclude<StepMoment, 'recorded'>
  effect: 'fail' | 'restart worker'
}

export const faultReason = 'A_TEST_SAYS_SO'

/** A fault at a time. */
export function createFaults(restartWorker: () => Promise<void>) {
  let next: Fault | null = null
  let over: Promise<void> | undefined

  const at: ExecuteDependencies['at'] = (_, step, moment) => {
    if (!next || next.step !== step || next.moment !== moment) return
    const { effect } = next
    next = null
    // Not waited for: the worker waits until this operation is put down.
    over = effect === 'fail' ? Promise.resolve() : restartWorker()
    throw new AppError(effect === 'fail' ? 'internal' : 'unavailable', 'A test says so', { reason: faultReason })
  }

  return {
    at,
    failNext(fault: Fault): void {
      next = fault
      over = undefined
    },
    async faultOver(): Promise<void> {
      if (!over) throw new Error(`the operation ended, and never came ${next?.moment} its step ${next?.step}`)
      await over
    },
  }
}
