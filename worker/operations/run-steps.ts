import type { OperationKind } from '#db/operations/catalog.ts'
import type { OperationDefinition, Step, StepContext } from './definition.ts'

/** Where a step is: before its side effect, after it, and after it was written down; the last one is when all ends. */
export type StepMoment = 'before' | 'after' | 'recorded'

/** What running steps needs of the outside. */
export interface StepRun {
  /** Writes down that a step is done and others follow. What it throws is not the step's failure. */
  record(step: string, output: unknown): Promise<void>
  /** Runs what only waits, without keeping a place from others. */
  waiting<Result>(wait: () => Promise<Result>): Promise<Result>
  /** Passed at every moment of every step; tests make faults of it. */
  at?(step: string, moment: StepMoment): void | Promise<void>
}

/** A step's own failure, as against one of writing it down. */
export class StepFailure extends Error {
  readonly step: string

  constructor(step: string, cause: unknown) {
    super(`Step ${step} failed`, { cause })
    this.name = 'StepFailure'
    this.step = step
  }
}

/**
 * Runs the steps that are not done yet, in order. Throws StepFailure with the step's error as its cause, and whatever
 * `record` throws. Returns false when it was asked to stop between two steps. The last step is not recorded by itself:
 * whoever ends the operation writes down its output with the end.
 */
export async function runSteps<K extends OperationKind>(
  { steps }: OperationDefinition<K>,
  context: StepContext<K>,
  { record, waiting, at }: StepRun,
): Promise<boolean> {
  for (const step of steps) {
    if (isDone(step, context)) continue
    if (context.signal.aborted) return false
    const work = async () => {
      await at?.(step.name, 'before')
      const output = await step.run(context)
      await at?.(step.name, 'after')
      return output ?? null
    }
    const output = await (step.waits ? waiting(work) : work()).catch((cause) => {
      throw new StepFailure(step.name, cause)
    })
    context.outputs[step.name] = output
    if (step === steps.at(-1)) break
    await record(step.name, output)
    await at?.(step.name, 'recorded')
  }
  return true
}

/** Undoes, in reverse, every step that is done and the one after them, which may be half done. Throws StepFailure. */
export async function undoSteps<K extends OperationKind>(
  { steps }: OperationDefinition<K>,
  context: StepContext<K>,
): Promise<void> {
  const failing = steps.findIndex((step) => !isDone(step, context))
  const begun = failing === -1 ? steps : steps.slice(0, failing + 1)
  for (const step of begun.toReversed()) {
    await step.undo?.(context).catch((cause: unknown) => {
      throw new StepFailure(step.name, cause)
    })
  }
}

const isDone = <K extends OperationKind>(step: Step<K>, { outputs }: StepContext<K>): boolean =>
  Object.hasOwn(outputs, step.name)
