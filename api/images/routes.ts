import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { pageOf } from '#api/http/paging.ts'
import { commonErrors, invalidArgument, json } from '#api/http/responses.ts'
import { imageExample, imageListQuery, imagePageSchema } from './schemas.ts'
import { listImages } from './service.ts'
import { imageView } from './view.ts'

const list = createRoute({
  method: 'get',
  path: '/api/v1/images',
  operationId: 'listImages',
  tags: ['Images'],
  summary: 'List images',
  description:
    "The base images and ISOs in the nodes' image directories, those first that were found last; also the files that no VM can use, with the reason. Each worker looks every 30 s.",
  request: { query: imageListQuery },
  responses: {
    200: json('A page of images.', imagePageSchema, { items: [imageExample], nextCursor: null }),
    ...invalidArgument,
    ...commonErrors,
  },
})

export const imageRoutes = ({ database }: Deps) =>
  new OpenAPIHono<ApiEnv>().openapi(list, async (c) => {
    const query = c.req.valid('query')
    return c.json(
      pageOf(await listImages(database, query), query.limit, ({ id }) => id, imageView),
      200,
    )
  })
