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
import { vmParams } from '#api/vms/schemas.ts'
import { nicInput } from '#api/vms/spec-nic-schema.ts'
import { beginChange } from '#db/operations/begin-change.ts'
import { decideNicAttach, decideNicDetach } from '#db/rules/nic-changes.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { refuseFields } from './refuse-fields.ts'
import { nicDetachQuery, nicParams } from './schemas.ts'

const tags = ['Devices']
const parameters = [preferParameter]
const withoutMemory = 'Refused while the VM has memory snapshots, with reason `VM_HAS_SNAPSHOTS`.'

const attach = createRoute({
  method: 'post',
  path: '/api/v1/vms/{id}/nics',
  operationId: 'attachNic',
  tags,
  summary: 'Attach a network card',
  description: `Whether the VM runs or not. Models e1000 and rtl8139 are plugged only into a VM that began with one of them, or that is stopped. ${withoutMemory}`,
  parameters,
  request: {
    params: vmParams,
    body: jsonBody(nicInput, { network: 'default' }),
  },
  responses: {
    ...vmResponse('It is there: it was waited for.'),
    ...acceptedVm('nic.attach'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

const detach = createRoute({
  method: 'delete',
  path: '/api/v1/vms/{id}/nics/{mac}',
  operationId: 'detachNic',
  tags,
  summary: 'Detach a network card',
  description: `Asks the guest of a running VM to let go of it, and fails with reason \`GUEST_KEEPS_DEVICE\` when it does not in its time; the VM keeps the card then. ${withoutMemory}`,
  parameters,
  request: { params: nicParams, query: nicDetachQuery },
  responses: {
    ...vmResponse('It is gone: it was waited for.'),
    ...acceptedVm('nic.detach'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

/** The network cards of a VM that exists. */
export const nicRoutes = (deps: Deps) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(attach, async (c) => {
      const nic = c.req.valid('json')
      const decide = (vm: VmRow) => decideNicAttach(vm, nic, refuseFields)
      return answerVm(c, deps, await beginChange(deps, c.req.valid('param').id, decide))
    })
    .openapi(detach, async (c) => {
      const { id, mac } = c.req.valid('param')
      const wanted = { mac, ...c.req.valid('query') }
      return answerVm(c, deps, await beginChange(deps, id, (vm) => decideNicDetach(vm, wanted)))
    })
