import type { z } from '@hono/zod-openapi'
import { operationRefView } from '#api/operations/view.ts'
import type { RecordedOperation } from '#db/operations/record.ts'
import type { VolumeRow } from '#db/schema/volume.ts'
import type { volumeSchema } from './schemas.ts'

/** A volume with its place, and with its unfinished operation where it has one. */
export interface VolumeWithOperation {
  volume: VolumeRow & { nodeId: string; pool: string }
  operation: RecordedOperation | null
}

/** A volume as the API shows it. */
export const volumeView = ({
  volume: { storagePoolId: _, ...volume },
  operation,
}: VolumeWithOperation): z.infer<typeof volumeSchema> => ({
  ...volume,
  createdAt: volume.createdAt.toISOString(),
  ...(operation && { operation: operationRefView(operation) }),
})
