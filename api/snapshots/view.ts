import type { z } from '@hono/zod-openapi'
import { type OperationRef, operationRefView } from '#api/operations/view.ts'
import type { SnapshotRow } from '#db/schema/snapshot.ts'
import type { snapshotSchema } from './schemas.ts'

/** A snapshot with its unfinished operation, where it has one. */
export interface SnapshotWithOperation {
  snapshot: SnapshotRow
  operation: OperationRef | null
}

/** A snapshot as the API shows it. */
export const snapshotView = ({ snapshot, operation }: SnapshotWithOperation): z.infer<typeof snapshotSchema> => ({
  id: snapshot.id,
  vmId: snapshot.vmId,
  name: snapshot.name,
  description: snapshot.description,
  includeMemory: snapshot.includeMemory,
  quiesce: snapshot.quiesce,
  parentId: snapshot.parentId,
  status: { state: snapshot.state, error: snapshot.error },
  kind: snapshot.kind,
  consistency: snapshot.consistency,
  sizeBytes: snapshot.sizeBytes,
  effectiveCpu: snapshot.effectiveCpu,
  takenAt: snapshot.takenAt?.toISOString() ?? null,
  createdAt: snapshot.createdAt.toISOString(),
  ...(operation && { operation: operationRefView(operation) }),
})
