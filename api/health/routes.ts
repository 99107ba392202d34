import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { commonErrors, json } from '#api/http/responses.ts'
import { healthSchema, readinessExample, readinessSchema } from './schemas.ts'
import { readiness } from './service.ts'

const tags = ['Health']
const { 500: internalError } = commonErrors

const healthz = createRoute({
  method: 'get',
  path: '/healthz',
  operationId: 'getHealth',
  tags,
  summary: 'Whether the API runs',
  description: 'Asks nothing else.',
  responses: { 200: json('It runs.', healthSchema, { status: 'ok' }), 500: internalError },
})

const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  tags,
  summary: 'Whether the API can serve requests',
  description: 'Asks the database and the queue, and says which backends they are.',
  responses: {
    200: json('Ready.', readinessSchema, readinessExample),
    500: internalError,
    503: json('Not ready: one of the checks failed.', readinessSchema, {
      status: 'unavailable',
      checks: { ...readinessExample.checks, database: { status: 'failed', backend: 'postgres' } },
    }),
  },
})

export const healthRoutes = (deps: Deps) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(healthz, (c) => c.json({ status: 'ok' as const }, 200))
    .openapi(readyz, async (c) => {
      const found = await readiness(deps)
      return found.status === 'ready' ? c.json(found, 200) : c.json(found, 503)
    })
