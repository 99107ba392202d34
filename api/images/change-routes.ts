import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import {
  accepted,
  bodyErrors,
  commonErrors,
  conflict,
  invalidArgument,
  json,
  jsonBody,
  notFound,
  preferParameter,
} from '#api/http/responses.ts'
import { outcomeOf } from '#api/operations/outcome.ts'
import { progressSchema } from '#api/operations/schemas.ts'
import { progressView } from '#api/operations/view.ts'
import { requireBinary, uploadContent } from './content.ts'
import { deleteImage } from './delete.ts'
import { importImage } from './import.ts'
import { imageImportInput } from './import-schema.ts'
import { deletingImageExample, imageExample, imageParams, imageSchema, importingExample } from './schemas.ts'
import { getImage } from './service.ts'
import { imageView } from './view.ts'

const tags = ['Images']
const parameters = [preferParameter]
const create = createRoute({
  method: 'post',
  path: '/api/v1/images',
  operationId: 'importImage',
  tags,
  summary: 'Import an image',
  description:
    'From a URL, which the node fetches, or by an upload. The image is in place once its checksum and its format are right, and nothing finds it before. An import that fails or is cancelled leaves nothing behind but its operation.',
  parameters,
  request: {
    body: jsonBody(imageImportInput, {
      name: 'debian-12.qcow2',
      format: 'qcow2',
      source: {
        url: 'https://images.example.com/debian-12.qcow2',
        checksum: 'sha256:6ae2b8f5d3c1a09e7f4d2c6b8a1e3f5079b4d6c8e0f2a1b3c5d7e9f0a2b4c6d8',
      },
    }),
  },
  responses: {
    200: json('Done: waited for with `Prefer: wait=N`.', imageSchema, imageExample),
    ...accepted(imageSchema, importingExample),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

const upload = createRoute({
  method: 'put',
  path: '/api/v1/images/{id}/content',
  operationId: 'uploadImageContent',
  tags,
  summary: 'Upload a piece of an image',
  description:
    'The next piece of the file, at most 8 MiB, beginning at `offset`. Answered once it is on the disk of the node: the next one begins at `doneBytes`. After any failure, ask for the image and go on at its `progress.doneBytes`; to send a piece twice does no harm.',
  request: {
    params: imageParams,
    query: z.object({
      offset: z.coerce
        .number()
        .int()
        .min(0)
        .openapi({ description: 'Where in the file the piece begins.', example: 0 }),
    }),
    body: {
      required: true,
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
  responses: {
    200: json('It is on the disk of the node.', progressSchema, {
      doneBytes: 8_388_608,
      totalBytes: 439_222_272,
      changedAt: '2026-11-20T17:30:14.000Z',
    }),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/images/{id}',
  operationId: 'deleteImage',
  tags,
  summary: 'Delete an image',
  description:
    'The file and its entry. Refused while a disk stands on it, a cdrom holds it, or an operation needs it; `details` lists them.',
  parameters,
  request: { params: imageParams },
  responses: {
    204: { description: 'Gone: waited for with `Prefer: wait=N`.' },
    ...accepted(imageSchema, deletingImageExample),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

export const imageChangeRoutes = (deps: Deps) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(create, async (c) => {
      const begun = await importImage(deps, c.req.valid('json'))
      const { id } = begun.image
      const read = () => getImage(deps.database, id)
      const done = await outcomeOf(c, deps, { operation: begun.operation, location: `/api/v1/images/${id}`, read })
      return done ? c.json(imageView(done), 200) : c.json(imageView(begun), 202)
    })
    .openapi(upload, async (c) => {
      requireBinary(c.req.header('content-type'))
      const data = new Uint8Array(await c.req.arrayBuffer())
      const chunk = { offsetBytes: c.req.valid('query').offset, data }
      const progress = await uploadContent(deps, c.req.valid('param').id, chunk, c.req.raw.signal)
      return c.json(progressView(progress), 200)
    })
    .openapi(remove, async (c) => {
      const begun = await deleteImage(deps, c.req.valid('param').id)
      const location = `/api/v1/images/${begun.image.id}`
      const done = await outcomeOf(c, deps, { operation: begun.operation, location, read: async () => 'gone' })
      return done ? c.body(null, 204) : c.json(imageView(begun), 202)
    })
