import type { z } from '@hono/zod-openapi'
import type { GuestAnswer, GuestCall } from '#db/guest-call.ts'
import { isDone } from '#db/operations/wait-for-operation.ts'
import type { OperationProgress, OperationRow } from '#db/schema/operation.ts'
import type { operationRefSchema, operationSchema } from './schemas.ts'

export type OperationRef = z.infer<typeof operationRefSchema>

export const operationRefView = ({ id, kind, status }: OperationRef): OperationRef => ({ id, kind, status })

export const progressView = ({ doneBytes, totalBytes, changedAt }: OperationProgress) => ({
  doneBytes,
  totalBytes,
  changedAt,
})

/** An operation as the API shows it, with what a guest answered to it. */
export const operationView = (
  row: OperationRow,
  guest: GuestAnswer<GuestCall> | null = null,
): z.infer<typeof operationSchema> => ({
  id: row.id,
  kind: row.kind,
  status: row.status,
  done: isDone(row.status),
  vmId: row.vmId,
  imageId: row.imageId,
  storagePoolId: row.storagePoolId,
  volumeId: row.volumeId,
  snapshotId: typeof row.input.snapshotId === 'string' ? row.input.snapshotId : null,
  nodeId: row.nodeId,
  attempt: row.attempt,
  progress: row.progress && progressView(row.progress),
  cancelRequested: row.cancelRequestedAt !== null,
  error: row.error,
  result: guest ? { guest } : row.result,
  createdAt: row.createdAt.toISOString(),
  startedAt: row.startedAt?.toISOString() ?? null,
  finishedAt: row.finishedAt?.toISOString() ?? null,
})
