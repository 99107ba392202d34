import type { z } from '@hono/zod-openapi'
import type { ImageRow } from '#db/schema/image.ts'
import type { imageSchema } from './schemas.ts'

/** An image as the API shows it. */
export const imageView = ({ fingerprint: _, ...row }: ImageRow): z.infer<typeof imageSchema> => ({
  ...row,
  modifiedAt: row.modifiedAt?.toISOString() ?? null,
  firstSeenAt: row.firstSeenAt.toISOString(),
})
