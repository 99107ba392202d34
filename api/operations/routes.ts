import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { answerOf } from '#api/agent/ask-guest.ts'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { idFilter, idParam } from '#api/http/fields.ts'
import { pageOf, pageQuery } from '#api/http/paging.ts'
import { commonErrors, conflict, invalidArgument, json, notFound } from '#api/http/responses.ts'
import { waitForOperation } from '#db/operations/wait-for-operation.ts'
import { cancelOperation } from './cancel.ts'
import { cancellingExample, operationExample, operationPageSchema, operationQuery, operationSchema } from './schemas.ts'
import { listOperations, operationNotFound } from './service.ts'
import { operationView } from './view.ts'

const tags = ['Operations']

const get = createRoute({
  method: 'get',
  path: '/api/v1/operations/{id}',
  operationId: 'getOperation',
  tags,
  summary: 'Get an operation',
  description:
    'Answers at once, or with `wait` when it is done or the time is up. A failed operation is answered with 200 too.',
  request: { params: z.object({ id: idParam('id', 'The operation.') }), query: operationQuery },
  responses: {
    200: json('The operation.', operationSchema, operationExample),
    ...invalidArgument,
    ...notFound,
    ...commonErrors,
  },
})

const list = createRoute({
  method: 'get',
  path: '/api/v1/operations',
  operationId: 'listOperations',
  tags,
  summary: 'List operations',
  description: 'Newest first; also those of VMs and images that were deleted.',
  request: {
    query: pageQuery.extend({
      vmId: idFilter('vm'),
      imageId: idFilter('image'),
    }),
  },
  responses: {
    200: json('A page of operations.', operationPageSchema, { items: [operationExample], nextCursor: null }),
    ...invalidArgument,
    ...commonErrors,
  },
})

const cancel = createRoute({
  method: 'post',
  path: '/api/v1/operations/{id}/cancel',
  operationId: 'cancelOperation',
  tags,
  summary: 'Cancel an operation',
  description:
    'Asks for its end. An `image.import` is ended within seconds wherever it is, unless its image gets into place first: it ends `failed` with the reason `CANCELLED`, and what it had fetched is removed. Other kinds go on to their end, and this is refused.',
  request: { params: z.object({ id: idParam('id', 'The operation.') }) },
  responses: {
    202: json('Its end was asked for.', operationSchema, cancellingExample),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

export const operationRoutes = (deps: Deps) => {
  const { database } = deps
  return new OpenAPIHono<ApiEnv>()
    .openapi(cancel, async (c) => c.json(operationView(await cancelOperation(deps, c.req.valid('param').id)), 202))
    .openapi(get, async (c) => {
      const { id } = c.req.valid('param')
      const { wait } = c.req.valid('query')
      const operation = await waitForOperation(database, id, { seconds: wait, signal: c.req.raw.signal })
      if (!operation) throw operationNotFound(id)
      return c.json(operationView(operation, await answerOf(deps, operation)), 200)
    })
    .openapi(list, async (c) => {
      const query = c.req.valid('query')
      return c.json(
        pageOf(await listOperations(database, query), query.limit, ({ id }) => id, operationView),
        200,
      )
    })
}
