import { z } from '@hono/zod-openapi'

export const healthSchema = z.object({ status: z.literal('ok') }).openapi('Health')

const checkSchema = z
  .object({
    status: z.enum(['ok', 'failed']),
    backend: z.string().openapi({ description: 'What serves it.' }),
  })
  .openapi('Check')

export const readinessSchema = z
  .object({
    status: z.enum(['ready', 'unavailable']),
    checks: z.object({ database: checkSchema, queue: checkSchema }),
  })
  .openapi('Readiness')

export const readinessExample = {
  status: 'ready',
  checks: { database: { status: 'ok', backend: 'postgres' }, queue: { status: 'ok', backend: 'redis' } },
} satisfies z.infer<typeof readinessSchema>
