import { z } from '@hono/zod-openapi'
import { exampleIds, idParam, moment, plainName } from '#api/http/fields.ts'
import { operationRefSchema } from '#api/operations/schemas.ts'
import { storagePoolState } from '#db/schema/storage-pool.ts'
import { storagePoolSource } from '#db/storage-pool-source.ts'

export const storagePoolParams = z.object({
  id: idParam('id', 'The node.'),
  pool: plainName.openapi({ param: { name: 'pool', in: 'path' }, description: 'The storage pool.', example: 'fast' }),
})

const source = storagePoolSource.openapi('StoragePoolSource', {
  description: 'What the pool is made of.',
  example: { type: 'nfs', server: 'nas.example.com', exportPath: '/srv/vms' },
})

export const storagePoolInput = z
  .strictObject({
    name: plainName.openapi({ description: 'Of its own on the node.', example: 'fast' }),
    source,
    secret: z.string().min(1).max(512).optional().openapi({
      description:
        'The CHAP password of `chapUser`, or the key of the Ceph `user`: kept by the node, and told to nobody.',
      example: 'AQBLNCZiAAAAABAAYkGZ6mNcCqXnLyhFyJ1pYw==',
    }),
  })
  .superRefine(({ source, secret }, context) => {
    const user = source.type === 'iscsi' ? source.chapUser : source.type === 'ceph-rbd' ? source.user : undefined
    if ((user === undefined) === (secret === undefined)) return
    const message =
      secret === undefined ? 'is required with a user' : 'goes with chapUser of iscsi, or user of ceph-rbd'
    context.addIssue({ code: 'custom', path: ['secret'], message })
  })
  .openapi('StoragePoolInput')

export type StoragePoolInput = z.infer<typeof storagePoolInput>

const bytes = (description: string) => z.int().nullable().openapi({ description })

export const storagePoolSchema = z
  .object({
    id: z.uuid(),
    nodeId: z.uuid(),
    name: z.string(),
    state: z.enum(storagePoolState.enumValues),
    source,
    active: z.boolean().openapi({ description: 'Whether it could be used when its node last looked: every 30 s.' }),
    problem: z.string().nullable().openapi({ description: 'For people: why it cannot be used; null where it can.' }),
    mountPath: z.string().nullable().openapi({ description: 'On its node; null where it is none.' }),
    capacityBytes: bytes('Its size. Null until it is known.'),
    allocationBytes: bytes('What is in use. Null until it is known.'),
    availableBytes: bytes('What is free. Null until it is known.'),
    createdAt: moment,
    operation: operationRefSchema.optional(),
  })
  .openapi('StoragePool')

export const storagePoolPageSchema = z
  .object({ items: z.array(storagePoolSchema), nextCursor: z.string().nullable() })
  .openapi('StoragePoolPage')

export const storagePoolExample = {
  id: '019377a0-5b00-7e2d-9c3f-5a6b7c8d9e0f',
  nodeId: exampleIds.node,
  name: 'fast',
  state: 'READY',
  source: { type: 'nfs', server: 'nas.example.com', exportPath: '/srv/vms' },
  active: true,
  problem: null,
  mountPath: '/var/lib/quantix/mounts/fast',
  capacityBytes: 1_099_511_627_776,
  allocationBytes: 274_877_906_944,
  availableBytes: 824_633_720_832,
  createdAt: '2026-11-20T17:30:12.000Z',
} as const satisfies z.infer<typeof storagePoolSchema>

/** Right after a request that made an operation. */
export const creatingPoolExample = {
  ...storagePoolExample,
  state: 'CREATING',
  active: false,
  mountPath: null,
  capacityBytes: null,
  allocationBytes: null,
  availableBytes: null,
  operation: { id: exampleIds.operation, kind: 'storage-pool.create', status: 'queued' },
} as const satisfies z.infer<typeof storagePoolSchema>

export const deletingPoolExample = {
  ...storagePoolExample,
  state: 'DELETING',
  operation: { id: exampleIds.operation, kind: 'storage-pool.delete', status: 'queued' },
} as const satisfies z.infer<typeof storagePoolSchema>
