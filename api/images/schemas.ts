import { z } from '@hono/zod-openapi'
import { exampleIds, idFilter, idParam, moment, orNull } from '#api/http/fields.ts'
import { pageQuery } from '#api/http/paging.ts'
import { operationRefSchema, progressSchema } from '#api/operations/schemas.ts'
import { imageFormats, imageState } from '#db/schema/image.ts'

const imageProblemSchema = z
  .object({
    reason: z.string().openapi({ description: 'For programs: a stable word, `IMAGE_…`.' }),
    message: z.string().openapi({ description: 'For people: what is wrong with it, and what to do.' }),
  })
  .openapi('ImageProblem')

export const imageSchema = z
  .object({
    id: z.uuid(),
    nodeId: z.uuid(),
    name: z.string().openapi({
      description: "Of the file in the node's image directory; `baseImage` and `iso` in specs name it.",
    }),
    state: z.enum(imageState.enumValues).openapi({
      description: '`IMPORTING`: its file is not in place yet, and nothing is known of it but its name.',
    }),
    format: z.enum(imageFormats).nullable().openapi({
      description:
        'By its content. `qcow2` and `raw` are base images, `iso` goes into a cdrom. Null where there is a problem, and while it is imported.',
    }),
    sizeBytes: z.int().nullable().openapi({ description: 'Of the file. Null while it is imported.' }),
    virtualSizeBytes: z
      .int()
      .nullable()
      .openapi({ description: 'Of the disk in it. Null where there is a problem, and while it is imported.' }),
    sha256: z.string().nullable().openapi({
      description: 'Of the file, in hexadecimal. Null until the worker has made it, and where there is a problem.',
    }),
    modifiedAt: moment.nullable(),
    problem: orNull(imageProblemSchema).openapi({ description: 'Why no VM can use the file; null where it is good.' }),
    firstSeenAt: moment,
    operation: operationRefSchema.optional(),
    progress: progressSchema.optional(),
  })
  .openapi('Image')

export const imagePageSchema = z
  .object({ items: z.array(imageSchema), nextCursor: z.string().nullable() })
  .openapi('ImagePage')

export const imageListQuery = pageQuery.extend({
  nodeId: idFilter('node'),
})

export const imageParams = z.object({ id: idParam('id', 'The image.') })

/** Right after a request that made an operation. */
export const importingExample = {
  id: exampleIds.image,
  nodeId: exampleIds.node,
  name: 'debian-12.qcow2',
  state: 'IMPORTING',
  format: null,
  sizeBytes: null,
  virtualSizeBytes: null,
  sha256: null,
  modifiedAt: null,
  problem: null,
  firstSeenAt: '2026-11-20T17:30:12.000Z',
  operation: { id: exampleIds.operation, kind: 'image.import', status: 'queued' },
  progress: { doneBytes: 0, totalBytes: 439_222_272, changedAt: '2026-11-20T17:30:12.000Z' },
} as const satisfies z.infer<typeof imageSchema>

export const imageExample = {
  id: exampleIds.image,
  nodeId: exampleIds.node,
  name: 'debian-12.qcow2',
  state: 'READY',
  format: 'qcow2',
  sizeBytes: 439_222_272,
  virtualSizeBytes: 3_221_225_472,
  sha256: '6ae2b8f5d3c1a09e7f4d2c6b8a1e3f5079b4d6c8e0f2a1b3c5d7e9f0a2b4c6d8',
  modifiedAt: '2026-11-20T17:30:00.000Z',
  problem: null,
  firstSeenAt: '2026-11-20T17:30:12.000Z',
} as const satisfies z.infer<typeof imageSchema>

export const deletingImageExample = {
  ...imageExample,
  state: 'DELETING',
  operation: { id: exampleIds.operation, kind: 'image.delete', status: 'queued' },
} as const satisfies z.infer<typeof imageSchema>
