import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { idParam } from '#api/http/fields.ts'
import { pageOf, pageQuery } from '#api/http/paging.ts'
import { commonErrors, invalidArgument, json, notFound } from '#api/http/responses.ts'
import type { NodeRow } from '#db/schema/node.ts'
import { nodeExample, nodePageSchema, nodeSchema } from './schemas.ts'
import { getNode, listNodes } from './service.ts'
import { nodeView } from './view.ts'

const tags = ['Nodes']

const list = createRoute({
  method: 'get',
  path: '/api/v1/nodes',
  operationId: 'listNodes',
  tags,
  summary: 'List nodes',
  description: 'The hypervisor hosts, with the CPU modes that each can run and the reason for each that it cannot.',
  request: { query: pageQuery },
  responses: {
    200: json('A page of nodes.', nodePageSchema, { items: [nodeExample], nextCursor: null }),
    ...invalidArgument,
    ...commonErrors,
  },
})

const get = createRoute({
  method: 'get',
  path: '/api/v1/nodes/{id}',
  operationId: 'getNode',
  tags,
  summary: 'Get a node',
  description: 'With the CPU modes that it can run and the reason for each that it cannot.',
  request: { params: z.object({ id: idParam('id', 'The node.') }) },
  responses: { 200: json('The node.', nodeSchema, nodeExample), ...invalidArgument, ...notFound, ...commonErrors },
})

export function nodeRoutes({ database, daemons }: Deps) {
  const view = (row: NodeRow) => nodeView(row, daemons?.get(row.id))
  return new OpenAPIHono<ApiEnv>()
    .openapi(list, async (c) => {
      const query = c.req.valid('query')
      return c.json(
        pageOf(await listNodes(database, query), query.limit, ({ id }) => id, view),
        200,
      )
    })
    .openapi(get, async (c) => c.json(view(await getNode(database, c.req.valid('param').id)), 200))
}
