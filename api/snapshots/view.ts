import type { z } from '@hono/zod-openapi'
import { operationRefView } from '#api/operations/view.ts'
import type { SnapshotWithOperation } from '#db/snapshots.ts'
import type { snapshotSchema } from './schemas.ts'

/** A snapshot as the API shows it. */
export const snapshotView = ({
  snapshot,
  current,
  operation,
}: SnapshotWithOperation): z.infer<typeof snapshotSchema> => ({
  id: snapshot.id,
  vmId: snapshot.vmId,
  name: snapshot.name,
  description: snapshot.description,
  includeMemory: snapshot.includeMemory,
  quiesce: snapshot.quiesce,
  quiescePolicy: snapshot.quiescePolicy,
  quiesceTimeoutSeconds: snapshot.quiesceTimeoutSeconds,
  origin: snapshot.origin,
  parentId: snapshot.parentId,
  current,
  status: { state: snapshot.state, error: snapshot.state === 'FAILED' ? snapshot.error : null },
  kind: snapshot.kind,
  consistency: snapshot.consistency,
  notice: snapshot.notice,
  freeze: snapshot.freeze,
  sizeBytes: snapshot.sizeBytes,
  effectiveCpu: snapshot.effectiveCpu,
  machineType: snapshot.machineType,
  libvirtVersion: snapshot.libvirtVersion,
  qemuVersion: snapshot.qemuVersion,
  takenAt: snapshot.takenAt?.toISOString() ?? null,
  createdAt: snapshot.createdAt.toISOString(),
  ...(operation && { operation: operationRefView(operation) }),
})
