import { AppError } from '#db/errors.ts'
import type { StorageOperationKind } from '#db/operations/catalog.ts'
import type { OperationDefinition, Step, StepContext } from './definition.ts'

/** A server that was restarted is back by then; one with a wrong address never is, and whoever asked waits. */
const patienceMs = 60_000

/**
 * The same operation, which a pool's server that does not answer ends when it was asked for longer ago than that: with
 * `deadline_exceeded` and what was begun undone, as far as that goes without the server.
 */
export const givingUp = <K extends StorageOperationKind>(
  definition: OperationDefinition<K>,
): OperationDefinition<K> => ({
  ...definition,
  steps: definition.steps.map(
    ({ run, undo, ...step }): Step<K> => ({
      ...step,
      run: (context) => run(context).catch(endLate(context)),
      ...(undo && { undo: (context) => undo(context).catch(endLate(context)) }),
    }),
  ),
})

const endLate =
  <K extends StorageOperationKind>({ createdAt }: StepContext<K>) =>
  (error: unknown): never => {
    const isUnreachable =
      error instanceof AppError && error.code === 'unavailable' && error.reason === 'POOL_NOT_REACHABLE'
    if (!isUnreachable || Date.now() < createdAt.getTime() + patienceMs) throw error
    throw new AppError('deadline_exceeded', `${error.message} It is not tried again: ask anew once it answers.`, {
      reason: 'POOL_NOT_REACHABLE',
      cause: error,
    })
  }
