import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { bodyErrors, commonErrors, conflict, invalidArgument, notFound, preferParameter } from '#api/http/responses.ts'
import type { Begun } from '#api/vms/actions.ts'
import { acceptedVm, answerVm, vmResponse } from '#api/vms/answer.ts'
import { beginChange, requireDevice } from './change.ts'
import { cdromParams, mediaInput } from './schemas.ts'

const put = createRoute({
  method: 'put',
  path: '/api/v1/vms/{id}/cdroms/{target}/media',
  operationId: 'changeMedia',
  tags: ['Devices'],
  summary: 'Change the medium of a cdrom drive',
  description:
    'Puts an ISO into the drive, or empties it, whether the VM runs or not. A drive that its guest has locked, by mounting what is in it, opens only with `force`.',
  parameters: [preferParameter],
  request: {
    params: cdromParams,
    body: {
      required: true,
      content: { 'application/json': { schema: mediaInput, example: { iso: 'installer.iso' } } },
    },
  },
  responses: {
    ...vmResponse('It is in the drive: it was waited for.'),
    ...acceptedVm('media.change'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

/** What is in the cdrom drives of a VM. */
export const mediaRoutes = (deps: Deps) =>
  new OpenAPIHono<ApiEnv>().openapi(put, async (c) => {
    const { id, target } = c.req.valid('param')
    return answerVm(c, deps, await changeMedia(deps, id, { target, ...c.req.valid('json') }))
  })

async function changeMedia(
  deps: Deps,
  vmId: string,
  change: { target: string; iso: string | null; force: boolean },
): Promise<Begun> {
  const { vm } = await requireDevice(
    deps,
    vmId,
    ({ cdroms }) => cdroms.find(({ target }) => target === change.target),
    {
      what: `cdrom drive ${change.target}`,
      reason: 'CDROM_NOT_FOUND',
    },
  )
  return beginChange(deps, vm, { action: 'changeMedia', kind: 'media.change', input: { vmId, ...change } })
}
