import type { z } from '@hono/zod-openapi'
import type { EventRow } from '#db/schema/event.ts'
import type { eventSchema } from './schemas.ts'

/** An event as the API shows it. */
export const eventView = ({ id, createdAt, ...row }: EventRow): z.infer<typeof eventSchema> => ({
  id: String(id),
  ...row,
  createdAt: createdAt.toISOString(),
})
