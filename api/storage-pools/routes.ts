import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { nodeParams } from '#api/host-domains/schemas.ts'
import { pageOf, pageQuery } from '#api/http/paging.ts'
import {
  accepted,
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
import { createPool } from './create.ts'
import { deletePool } from './delete.ts'
import {
  creatingPoolExample,
  deletingPoolExample,
  storagePoolExample,
  storagePoolInput,
  storagePoolPageSchema,
  storagePoolParams,
  storagePoolSchema,
} from './schemas.ts'
import { getPool, listPools } from './service.ts'
import { storagePoolView } from './view.ts'

const tags = ['Storage pools']
const parameters = [preferParameter]
const list = createRoute({
  method: 'get',
  path: '/api/v1/nodes/{id}/storage-pools',
  operationId: 'listStoragePools',
  tags,
  summary: 'List the storage pools of a node',
  description: "Those beside the worker's own, which holds the disks of the VMs, newest first.",
  request: { params: nodeParams, query: pageQuery },
  responses: {
    200: json('A page of storage pools.', storagePoolPageSchema, { items: [storagePoolExample], nextCursor: null }),
    ...invalidArgument,
    ...notFound,
    ...commonErrors,
  },
})

const create = createRoute({
  method: 'post',
  path: '/api/v1/nodes/{id}/storage-pools',
  operationId: 'createStoragePool',
  tags,
  summary: 'Make a storage pool usable on a node',
  description:
    'What is in it already is found and left as it is. The node mounts or connects it now and whenever it starts. Of one that cannot be made nothing stays but its operation.',
  parameters,
  request: {
    params: nodeParams,
    body: jsonBody(storagePoolInput, {
      name: 'fast',
      source: { type: 'nfs', server: 'nas.example.com', exportPath: '/srv/vms' },
    }),
  },
  responses: {
    200: json('Done: waited for with `Prefer: wait=N`.', storagePoolSchema, storagePoolExample),
    ...accepted(storagePoolSchema, creatingPoolExample),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

const get = createRoute({
  method: 'get',
  path: '/api/v1/nodes/{id}/storage-pools/{pool}',
  operationId: 'getStoragePool',
  tags,
  summary: 'Get a storage pool',
  description: 'With its sizes when its node last looked, and its unfinished operation where it has one.',
  request: { params: storagePoolParams },
  responses: {
    200: json('The storage pool.', storagePoolSchema, storagePoolExample),
    ...invalidArgument,
    ...notFound,
    ...commonErrors,
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/nodes/{id}/storage-pools/{pool}',
  operationId: 'deleteStoragePool',
  tags,
  summary: 'Take a storage pool off its node',
  description:
    'What is in it stays. Refused while a VM has one of its volumes or an operation is at work on one; `details` lists them.',
  parameters,
  request: { params: storagePoolParams },
  responses: {
    204: { description: 'Gone: waited for with `Prefer: wait=N`.' },
    ...accepted(storagePoolSchema, deletingPoolExample),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

export const poolPath = ({ nodeId, name }: { nodeId: string; name: string }): string =>
  `/api/v1/nodes/${nodeId}/storage-pools/${name}`

export const storagePoolRoutes = (deps: Deps) => {
  const { database } = deps
  return new OpenAPIHono<ApiEnv>()
    .openapi(list, async (c) => {
      const query = c.req.valid('query')
      const found = await listPools(database, c.req.valid('param').id, query)
      return c.json(
        pageOf(found, query.limit, ({ pool }) => pool.id, storagePoolView),
        200,
      )
    })
    .openapi(create, async (c) => {
      const { pool, operation } = await createPool(deps, c.req.valid('param').id, c.req.valid('json'))
      const read = () => getPool(database, { nodeId: pool.nodeId, pool: pool.name })
      const done = await outcomeOf(c, deps, { operation, location: poolPath(pool), read })
      return done ? c.json(storagePoolView(done), 200) : c.json(storagePoolView({ pool, operation }), 202)
    })
    .openapi(get, async (c) => {
      const { id: nodeId, pool } = c.req.valid('param')
      return c.json(storagePoolView(await getPool(database, { nodeId, pool })), 200)
    })
    .openapi(remove, async (c) => {
      const { id: nodeId, pool: name } = c.req.valid('param')
      const { pool, operation } = await deletePool(deps, { nodeId, pool: name })
      const done = await outcomeOf(c, deps, { operation, location: poolPath(pool), read: async () => 'gone' })
      return done ? c.body(null, 204) : c.json(storagePoolView({ pool, operation }), 202)
    })
}
