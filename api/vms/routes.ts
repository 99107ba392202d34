import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { pageOf } from '#api/http/paging.ts'
import {
  bodyErrors,
  commonErrors,
  conflict,
  invalidArgument,
  json,
  jsonBody,
  notFound,
  preferParameter,
} from '#api/http/responses.ts'
import { outcomeOf } from '#api/operations/outcome.ts'
import { getVm } from '#db/vms.ts'
import { acceptedVm, answerVm, vmResponse } from './answer.ts'
import { createVm } from './create.ts'
import { deleteVm } from './delete.ts'
import { vmCreateInput, vmDeleteQuery, vmExample, vmListQuery, vmPageSchema, vmParams } from './schemas.ts'
import { listVms } from './service.ts'
import { vmView } from './view.ts'

const tags = ['VMs']
const parameters = [preferParameter]

const create = createRoute({
  method: 'post',
  path: '/api/v1/vms',
  operationId: 'createVm',
  tags,
  summary: 'Create a VM',
  description: 'Makes a stopped VM with its disks on a node that can run it. It is started with `startVm`.',
  parameters,
  request: {
    body: jsonBody(vmCreateInput, {
      name: 'web-1',
      spec: { cpuMode: 'host-model', cpu: { cores: 2 }, memory: { sizeMib: 2048 } },
    }),
  },
  responses: {
    ...vmResponse('Done: waited for with `Prefer: wait=N`.'),
    ...acceptedVm('vm.create'),
    ...invalidArgument,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

const list = createRoute({
  method: 'get',
  path: '/api/v1/vms',
  operationId: 'listVms',
  tags,
  summary: 'List VMs',
  description: 'Newest first.',
  request: { query: vmListQuery },
  responses: {
    200: json('A page of VMs.', vmPageSchema, { items: [vmExample], nextCursor: null }),
    ...invalidArgument,
    ...commonErrors,
  },
})

const get = createRoute({
  method: 'get',
  path: '/api/v1/vms/{id}',
  operationId: 'getVm',
  tags,
  summary: 'Get a VM',
  description: 'With its unfinished operation, where it has one.',
  request: { params: vmParams },
  responses: { ...vmResponse('The VM.'), ...invalidArgument, ...notFound, ...commonErrors },
})

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/vms/{id}',
  operationId: 'deleteVm',
  tags,
  summary: 'Delete a VM',
  description:
    'With its disks and snapshots, or without its disks. A running VM is refused without `force`; with it, also one whose guest is just being asked to stop or reboot.',
  parameters,
  request: { params: vmParams, query: vmDeleteQuery },
  responses: {
    204: { description: 'Gone: waited for with `Prefer: wait=N`.' },
    ...acceptedVm('vm.delete'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

export const vmRoutes = (deps: Deps) => {
  const { database } = deps

  return new OpenAPIHono<ApiEnv>()
    .openapi(create, async (c) => answerVm(c, deps, await createVm(deps, c.req.valid('json'))))
    .openapi(list, async (c) => {
      const query = c.req.valid('query')
      return c.json(
        pageOf(await listVms(database, query), query.limit, ({ vm }) => vm.id, vmView),
        200,
      )
    })
    .openapi(get, async (c) => c.json(vmView(await getVm(database, c.req.valid('param').id)), 200))
    .openapi(remove, async (c) => {
      const { begun, ...shown } = await deleteVm(deps, c.req.valid('param').id, c.req.valid('query'))
      if (begun === null) return c.body(null, 204)
      const read = async () => 'gone'
      const done = await outcomeOf(c, deps, { operation: begun, location: `/api/v1/vms/${shown.vm.id}`, read })
      return done ? c.body(null, 204) : c.json(vmView(shown), 202)
    })
}
