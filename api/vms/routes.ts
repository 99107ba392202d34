import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { pageOf, pageQuery } from '#api/http/paging.ts'
import {
  acceptedHeaders,
  bodyErrors,
  commonErrors,
  conflict,
  invalidArgument,
  json,
  notFound,
  outcomeErrors,
  preferParameter,
} from '#api/http/responses.ts'
import { outcomeOf } from '#api/operations/outcome.ts'
import { type Begun, deleteVm, startVm, stopVm } from './actions.ts'
import { createVm } from './create.ts'
import {
  acceptedVmExample,
  vmCreateInput,
  vmDeleteQuery,
  vmExample,
  vmPageSchema,
  vmParams,
  vmSchema,
  vmStopInput,
} from './schemas.ts'
import { getVm, listVms } from './service.ts'
import { vmView } from './view.ts'

const tags = ['VMs']
const parameters = [preferParameter]
const accepted = (kind: Parameters<typeof acceptedVmExample>[0]) => ({
  202: { ...json('Accepted: the operation goes on.', vmSchema, acceptedVmExample(kind)), headers: acceptedHeaders },
  ...outcomeErrors,
})
const vm = (description: string) => ({ 200: json(description, vmSchema, vmExample) })

const create = createRoute({
  method: 'post',
  path: '/api/v1/vms',
  operationId: 'createVm',
  tags,
  summary: 'Create a VM',
  description: 'Makes a stopped VM with its disks on a node that can run it. It is started with `startVm`.',
  parameters,
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: vmCreateInput,
          example: { name: 'web-1', spec: { cpuMode: 'host-model', cpu: { cores: 2 }, memory: { sizeMib: 2048 } } },
        },
      },
    },
  },
  responses: {
    ...vm('Done: waited for with `Prefer: wait=N`.'),
    ...accepted('vm.create'),
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
  request: { query: pageQuery },
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
  responses: { ...vm('The VM.'), ...invalidArgument, ...notFound, ...commonErrors },
})

const start = createRoute({
  method: 'post',
  path: '/api/v1/vms/{id}/start',
  operationId: 'startVm',
  tags,
  summary: 'Start a VM',
  description: 'A VM that runs already is left as it is and answered with 200.',
  parameters,
  request: { params: vmParams },
  responses: {
    ...vm('It runs: it did already, or was waited for.'),
    ...accepted('vm.start'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

const stop = createRoute({
  method: 'post',
  path: '/api/v1/vms/{id}/stop',
  operationId: 'stopVm',
  tags,
  summary: 'Stop a VM',
  description:
    'Asks the guest to shut down, or takes the power away with `force`. A VM that is stopped already is left as it is and answered with 200.',
  parameters,
  request: {
    params: vmParams,
    body: {
      required: false,
      content: { 'application/json': { schema: vmStopInput, example: { force: false, timeoutSeconds: 60 } } },
    },
  },
  responses: {
    ...vm('It is stopped: it was already, or was waited for.'),
    ...accepted('vm.stop'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/vms/{id}',
  operationId: 'deleteVm',
  tags,
  summary: 'Delete a VM',
  description: 'With its disks and snapshots. A running VM is refused without `force`.',
  parameters,
  request: { params: vmParams, query: vmDeleteQuery },
  responses: {
    204: { description: 'Gone: waited for with `Prefer: wait=N`.' },
    ...accepted('vm.delete'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

export const vmRoutes = (deps: Deps) => {
  const { database } = deps

  /** 202 with the VM as it now is; 200 when there was nothing to do, or it was waited for and done. */
  const answer = async (c: Context<ApiEnv>, { begun, ...shown }: Begun) => {
    if (begun === null) return c.json(vmView(shown), 200)
    const { id } = shown.vm
    const read = () => getVm(database, id)
    const done = await outcomeOf(c, deps, { operation: begun, location: `/api/v1/vms/${id}`, read })
    return done ? c.json(vmView(done), 200) : c.json(vmView(shown), 202)
  }

  return new OpenAPIHono<ApiEnv>()
    .openapi(create, async (c) => answer(c, await createVm(deps, c.req.valid('json'))))
    .openapi(list, async (c) => {
      const query = c.req.valid('query')
      return c.json(
        pageOf(await listVms(database, query), query.limit, ({ vm }) => vm.id, vmView),
        200,
      )
    })
    .openapi(get, async (c) => c.json(vmView(await getVm(database, c.req.valid('param').id)), 200))
    .openapi(start, async (c) => answer(c, await startVm(deps, c.req.valid('param').id)))
    .openapi(stop, async (c) =>
      // A body left out reaches us without its defaults.
      answer(c, await stopVm(deps, c.req.valid('param').id, vmStopInput.parse(c.req.valid('json')))),
    )
    .openapi(remove, async (c) => {
      const { begun, ...shown } = await deleteVm(deps, c.req.valid('param').id, c.req.valid('query').force)
      if (begun === null) return c.body(null, 204)
      const read = async () => 'gone'
      const done = await outcomeOf(c, deps, { operation: begun, location: `/api/v1/vms/${shown.vm.id}`, read })
      return done ? c.body(null, 204) : c.json(vmView(shown), 202)
    })
}
