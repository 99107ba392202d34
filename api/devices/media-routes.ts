import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import {
  bodyErrors,
  commonErrors,
  conflict,
  invalidArgument,
  jsonBody,
  notFound,
  preferParameter,
} from '#api/http/responses.ts'
import { acceptedVm, answerVm, vmResponse } from '#api/vms/answer.ts'
import { beginChange } from '#db/operations/begin-change.ts'
import { decideMediaChange } from '#db/rules/media-change.ts'
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
    body: jsonBody(mediaInput, { iso: 'installer.iso' }),
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
    const wanted = { target, ...c.req.valid('json') }
    return answerVm(c, deps, await beginChange(deps, id, (vm) => decideMediaChange(vm, wanted)))
  })
