import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
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
import { removeDisplayPassword, setDisplayPassword } from './display-password.ts'
import { vmParams } from './schemas.ts'
import { displayPassword } from './spec-machine-schemas.ts'

const passwordInput = z.strictObject({ password: displayPassword }).openapi('DisplayPasswordInput')

const responses = {
  ...vmResponse('There was nothing to do on the node, or it was waited for.'),
  ...acceptedVm('vm.update'),
  ...invalidArgument,
  ...notFound,
  ...conflict,
  ...commonErrors,
}

const put = createRoute({
  method: 'put',
  path: '/api/v1/vms/{id}/display-password',
  operationId: 'setDisplayPassword',
  tags: ['VMs'],
  summary: "Set the password of a VM's display",
  description:
    'A display that asks for a password already asks for the new one at once, also while the VM runs; one that asks for none asks for it from the next start on, which `status.pendingFields` says. The password is stored encrypted and never shown.',
  parameters: [preferParameter],
  request: {
    params: vmParams,
    body: jsonBody(passwordInput, { password: 'k3T9w2Qa' }),
  },
  responses: { ...responses, ...bodyErrors },
})

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/vms/{id}/display-password',
  operationId: 'deleteDisplayPassword',
  tags: ['VMs'],
  summary: "Delete the password of a VM's display",
  description:
    'From the next start on it asks for none. What runs still asks for it, which `status.pendingFields` says.',
  parameters: [preferParameter],
  request: { params: vmParams },
  responses,
})

export const displayPasswordRoutes = (deps: Deps) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(put, async (c) =>
      answerVm(c, deps, await setDisplayPassword(deps, c.req.valid('param').id, c.req.valid('json').password)),
    )
    .openapi(remove, async (c) => answerVm(c, deps, await removeDisplayPassword(deps, c.req.valid('param').id)))
