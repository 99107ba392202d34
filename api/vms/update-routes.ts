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
import { acceptedVm, answerVm, vmResponse } from './answer.ts'
import { vmParams } from './schemas.ts'
import { updateVm } from './update.ts'
import { vmPatch } from './update-schemas.ts'

const patch = createRoute({
  method: 'patch',
  path: '/api/v1/vms/{id}',
  operationId: 'updateVm',
  tags: ['VMs'],
  summary: 'Change a VM',
  description:
    'A JSON merge patch (RFC 7396): what is left out stays, null takes a field back to its default. `application/merge-patch+json` is taken, too. Name, description and labels change at once, whatever the VM does. A changed spec is stored at once and brought to the node by an operation; what QEMU takes up only when it starts waits for the next start, and `status.pendingRestart` says so.',
  parameters: [preferParameter],
  request: {
    params: vmParams,
    body: jsonBody(vmPatch, { description: 'The shop', labels: { app: 'web' }, spec: { cpuMode: 'host-model' } }),
  },
  responses: {
    ...vmResponse('Changed: there was nothing to do on the node, or it was waited for.'),
    ...acceptedVm('vm.update'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

export const vmUpdateRoutes = (deps: Deps) =>
  new OpenAPIHono<ApiEnv>().openapi(patch, async (c) =>
    answerVm(c, deps, await updateVm(deps, c.req.valid('param').id, c.req.valid('json'))),
  )
