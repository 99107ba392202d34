import type { z } from '@hono/zod-openapi'
import { operationRefView, progressView } from '#api/operations/view.ts'
import type { RecordedOperation } from '#db/operations/record.ts'
import type { ImageRow } from '#db/schema/image.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import type { imageSchema } from './schemas.ts'

/** An image with its unfinished operation, where it has one. */
export interface ImageWithOperation {
  image: ImageRow
  operation: (RecordedOperation & Pick<OperationRow, 'progress'>) | null
}

/** An image as the API shows it. */
export const imageView = ({
  image: { fingerprint: _, ...row },
  operation,
}: ImageWithOperation): z.infer<typeof imageSchema> => ({
  ...row,
  modifiedAt: row.modifiedAt?.toISOString() ?? null,
  firstSeenAt: row.firstSeenAt.toISOString(),
  ...(operation && { operation: operationRefView(operation) }),
  ...(operation?.progress && { progress: progressView(operation.progress) }),
})
