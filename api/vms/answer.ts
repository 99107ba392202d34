import type { Context } from 'hono'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { accepted, json } from '#api/http/responses.ts'
import { outcomeOf } from '#api/operations/outcome.ts'
import type { Begun } from '#db/operations/begin-action.ts'
import { getVm } from '#db/vms.ts'
import { acceptedVmExample, vmExample, vmSchema } from './schemas.ts'
import { vmView } from './view.ts'

/** The answers of a request that makes an operation of that kind on a VM. */
export const acceptedVm = (kind: Parameters<typeof acceptedVmExample>[0]) => accepted(vmSchema, acceptedVmExample(kind))

export const vmResponse = (description: string) => ({ 200: json(description, vmSchema, vmExample) })

/** 202 with the VM as it now is; 200 when there was nothing to do, or it was waited for and done. */
export async function answerVm(c: Context<ApiEnv>, deps: Deps, { begun, ...shown }: Begun) {
  if (begun === null) return c.json(vmView(shown), 200)
  const { id } = shown.vm
  const read = () => getVm(deps.database, id)
  const done = await outcomeOf(c, deps, { operation: begun, location: `/api/v1/vms/${id}`, read })
  return done ? c.json(vmView(done), 200) : c.json(vmView(shown), 202)
}
