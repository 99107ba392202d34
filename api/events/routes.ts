import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { numberPageQuery, pageOf } from '#api/http/paging.ts'
import { commonErrors, invalidArgument, json, notFound } from '#api/http/responses.ts'
import { vmParams } from '#api/vms/schemas.ts'
import { eventExample, eventPageSchema } from './schemas.ts'
import { listVmEvents } from './service.ts'
import { eventView } from './view.ts'

const list = createRoute({
  method: 'get',
  path: '/api/v1/vms/{id}/events',
  operationId: 'listVmEvents',
  tags: ['VMs'],
  summary: "List a VM's events",
  description:
    'Its history, newest first: every change of its state and every operation, who did it and why. Also of a VM that was deleted. Events are kept for 90 days unless the installation says otherwise.',
  request: { params: vmParams, query: numberPageQuery },
  responses: {
    200: json('A page of events.', eventPageSchema, { items: [eventExample], nextCursor: null }),
    ...invalidArgument,
    ...notFound,
    ...commonErrors,
  },
})

export const eventRoutes = ({ database }: Deps) =>
  new OpenAPIHono<ApiEnv>().openapi(list, async (c) => {
    const query = c.req.valid('query')
    const found = await listVmEvents(database, c.req.valid('param').id, query)
    return c.json(
      pageOf(found, query.limit, ({ id }) => String(id), eventView),
      200,
    )
  })
