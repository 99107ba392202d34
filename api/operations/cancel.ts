import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Deps } from '#api/deps.ts'
import { AppError } from '#db/errors.ts'
import { ring } from '#db/operations/begin.ts'
import { cancellableKinds } from '#db/operations/catalog.ts'
import { findOperation, isDone } from '#db/operations/wait-for-operation.ts'
import { type OperationRow, operations } from '#db/schema/operation.ts'
import { operationNotFound } from './service.ts'

/**
 * Asks for an operation's end. Its worker ends it where it can, and removes what it had done; it may have come too late.
 * Throws `failed_precondition` for one that has ended otherwise, or is of a kind that goes on to its end.
 */
export async function cancelOperation(deps: Deps, id: string): Promise<OperationRow> {
  const [asked] = await deps.database.drizzle
    .update(operations)
    .set({ cancelRequestedAt: sql`coalesce(${operations.cancelRequestedAt}, now())` })
    .where(
      and(
        eq(operations.id, id),
        inArray(operations.status, ['queued', 'running']),
        inArray(operations.kind, [...cancellableKinds]),
      ),
    )
    .returning()
  if (asked) {
    ring(deps, asked)
    return asked
  }
  const found = await findOperation(deps.database, id)
  if (!found) throw operationNotFound(id)
  if (found.error?.reason === 'CANCELLED') return found
  throw isDone(found.status) || found.status === 'undoing' ? ended(found) : goesOn(found)
}

const ended = ({ id, status }: OperationRow): AppError =>
  new AppError('failed_precondition', `Operation ${id} has ended (${status}), so it cannot be cancelled.`, {
    reason: 'OPERATION_ENDED',
    details: { status },
  })

const goesOn = ({ id, kind }: OperationRow): AppError =>
  new AppError(
    'failed_precondition',
    `Operation ${id} (${kind}) cannot be cancelled: half done, it would leave its VM between two states. Wait for its end. A stop or reboot that waits for its guest is overtaken by a forced one.`,
    { reason: 'OPERATION_NOT_CANCELLABLE', details: { kind } },
  )
