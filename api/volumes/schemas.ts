import { z } from '@hono/zod-openapi'
import { exampleIds, moment, plainName } from '#api/http/fields.ts'
import { operationRefSchema } from '#api/operations/schemas.ts'
import { storagePoolParams } from '#api/storage-pools/schemas.ts'
import { volumeFormats, volumeState } from '#db/schema/volume.ts'
import type { VolumeSource } from '#db/volume-source.ts'

export const volumeParams = storagePoolParams.extend({
  volume: plainName.openapi({ param: { name: 'volume', in: 'path' }, description: 'The volume.', example: 'data-1' }),
})

const sizeGib = z.int().min(1).max(65_536)

const source = z
  .union([
    z.strictObject({ image: plainName.openapi({ description: "A file in the node's image directory." }) }),
    z.strictObject({ volume: plainName.openapi({ description: 'A volume of the same pool: the new one is a copy.' }) }),
    z.strictObject({ snapshot: plainName.openapi({ description: 'A snapshot of a volume of the same pool.' }) }),
  ])
  .transform(
    (given): VolumeSource =>
      'image' in given
        ? { type: 'image', name: given.image }
        : 'volume' in given
          ? { type: 'volume', volumeId: given.volume }
          : { type: 'snapshot', volumeId: given.snapshot },
  )
  .openapi('VolumeSource', {
    description: 'What it is a copy of. Left out, the volume is empty.',
    example: { image: 'debian-12.qcow2' },
  })

export const volumeInput = z
  .strictObject({
    name: plainName.openapi({ description: 'Of its own in the pool.', example: 'data-1' }),
    sizeGib: sizeGib
      .optional()
      .openapi({ description: 'Left out, that of the source; no less than that.', example: 20 }),
    source: source.optional(),
  })
  .superRefine(({ sizeGib, source }, context) => {
    if (sizeGib !== undefined || source) return
    context.addIssue({ code: 'custom', path: ['sizeGib'], message: 'is required for an empty volume' })
  })
  .openapi('VolumeInput')

export type VolumeInput = z.output<typeof volumeInput>

export const volumeResizeInput = z
  .strictObject({ sizeGib: sizeGib.openapi({ description: 'More than it has.', example: 40 }) })
  .openapi('VolumeResizeInput')

export const volumeSnapshotInput = z
  .strictObject({
    name: plainName.openapi({
      description: 'Of the snapshot, which is a volume of the pool too.',
      example: 'data-1-before',
    }),
  })
  .openapi('VolumeSnapshotInput')

export const volumeSchema = z
  .object({
    id: z.uuid(),
    nodeId: z.uuid(),
    pool: z.string().openapi({ description: 'The storage pool that it lies in.' }),
    name: z.string(),
    state: z.enum(volumeState.enumValues),
    format: z.enum(volumeFormats).nullable().openapi({ description: 'Null until it is there.' }),
    sizeBytes: z.int().nullable().openapi({ description: 'As a VM sees it. Null until it is there.' }),
    allocationBytes: z.int().nullable().openapi({ description: 'What it takes of the pool. Null until it is there.' }),
    vmId: z
      .uuid()
      .nullable()
      .openapi({ description: 'The VM that has it as a disk, when its node last looked: every 30 s.' }),
    snapshotOf: z
      .string()
      .nullable()
      .openapi({ description: 'The volume that it is a snapshot of; null where it is none.' }),
    createdAt: moment,
    operation: operationRefSchema.optional(),
  })
  .openapi('Volume')

export const volumePageSchema = z
  .object({ items: z.array(volumeSchema), nextCursor: z.string().nullable() })
  .openapi('VolumePage')

export const volumeExample = {
  id: '019377a0-5c00-7d3e-8a4b-6c7d8e9f0a1b',
  nodeId: exampleIds.node,
  pool: 'fast',
  name: 'data-1',
  state: 'READY',
  format: 'qcow2',
  sizeBytes: 21_474_836_480,
  allocationBytes: 200_704,
  vmId: null,
  snapshotOf: null,
  createdAt: '2026-11-20T17:30:12.000Z',
} as const satisfies z.infer<typeof volumeSchema>

const making = (kind: 'volume.create' | 'volume.snapshot') =>
  ({
    ...volumeExample,
    state: 'CREATING',
    format: null,
    sizeBytes: null,
    allocationBytes: null,
    operation: { id: exampleIds.operation, kind, status: 'queued' },
  }) as const satisfies z.infer<typeof volumeSchema>

/** Right after a request that made an operation. */
export const creatingVolumeExample = making('volume.create')
export const snapshottingVolumeExample = { ...making('volume.snapshot'), name: 'data-1-before' }
export const resizingVolumeExample = {
  ...volumeExample,
  operation: { id: exampleIds.operation, kind: 'volume.resize', status: 'queued' },
} as const satisfies z.infer<typeof volumeSchema>
export const deletingVolumeExample = {
  ...volumeExample,
  state: 'DELETING',
  operation: { id: exampleIds.operation, kind: 'volume.delete', status: 'queued' },
} as const satisfies z.infer<typeof volumeSchema>
