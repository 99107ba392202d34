import type { Context } from 'hono'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { maxWaitSeconds } from '#api/http/prefer.ts'
import { outcomeOf } from '#api/operations/outcome.ts'
import { operationView } from '#api/operations/view.ts'
import { AppError } from '#db/errors.ts'
import type { GuestAnswer, GuestCall, GuestRequest } from '#db/guest-call.ts'
import { beginAction, type VmRequest } from '#db/operations/begin-action.ts'
import { findOperation } from '#db/operations/wait-for-operation.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import { forgetGuestCall, readGuestAnswer, recordGuestCall } from '#db/stored-guest-calls.ts'
import { getVm } from '#db/vms.ts'
import { askDaemon } from './ask-daemon.ts'

/** What the guest answered, or the operation that asks it. */
export type Asked<K extends GuestCall> = { answer: GuestAnswer<K> } | { operation: ReturnType<typeof operationView> }

/**
 * Asks a guest: by its node's daemon where this program reaches it, else by an operation, which works everywhere. What
 * takes longer than a request may wait is an operation in any case.
 */
export async function askGuest<K extends GuestCall>(
  c: Context<ApiEnv>,
  deps: Deps,
  wanted: { vmId: string; kind: K; request: GuestRequest<K>; takesSeconds?: number },
): Promise<Asked<K>> {
  const { vmId, kind, request, takesSeconds = 0 } = wanted
  const { signal } = c.req.raw
  if (deps.daemons && takesSeconds <= maxWaitSeconds) {
    const { vm } = await getVm(deps.database, vmId)
    const daemon = await deps.daemons.reach(vm.nodeId, { signal })
    if (daemon) return { answer: await askDaemon(daemon.call, vmId, kind, request, { signal }) }
  }
  return askByOperation(c, deps, wanted)
}

async function askByOperation<K extends GuestCall>(
  c: Context<ApiEnv>,
  deps: Deps,
  { vmId, kind, request }: { vmId: string; kind: K; request: GuestRequest<K> },
): Promise<Asked<K>> {
  const { database, secretBox } = deps
  const place = { operationId: deps.newId(), kind }
  await recordGuestCall(database, secretBox, place, request)
  const action: VmRequest<GuestCall> = { action: 'askGuest', kind, input: { vmId } }
  const { begun } = await beginAction({ ...deps, newId: () => place.operationId }, vmId, action).catch(
    async (error) => {
      await forgetGuestCall(database, place.operationId)
      throw error
    },
  )
  if (!begun) throw new Error(`${kind} is never done before it begins`)
  const location = `/api/v1/operations/${place.operationId}`
  const read = () => readGuestAnswer(database, secretBox, place)
  const answer = await outcomeOf(c, deps, { operation: begun, location, read })
  if (answer) return { answer }
  const row = await findOperation(database, place.operationId)
  if (!row) throw new AppError('not_found', 'The operation is gone.', { reason: 'OPERATION_NOT_FOUND' })
  return { operation: operationView(row) }
}

/** What a guest answered to an operation, for who comes for it later; null where there is nothing, or nothing any more. */
export const answerOf = async ({ database, secretBox }: Deps, { id, kind, status }: OperationRow) =>
  status === 'succeeded' && kind.startsWith('agent.')
    ? readGuestAnswer(database, secretBox, { operationId: id, kind: kind as GuestCall })
    : null
