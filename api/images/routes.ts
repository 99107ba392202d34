import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { pageOf } from '#api/http/paging.ts'
import { commonErrors, invalidArgument, json, notFound } from '#api/http/responses.ts'
import { imageExample, imageListQuery, imagePageSchema, imageParams, imageSchema } from './schemas.ts'
import { getImage, listImages } from './service.ts'
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

const get = createRoute({
  method: 'get',
  path: '/api/v1/images/{id}',
  operationId: 'getImage',
  tags: ['Images'],
  summary: 'Get an image',
  description: 'With its unfinished operation and how far that is, where it has one.',
  request: { params: imageParams },
  responses: { 200: json('The image.', imageSchema, imageExample), ...invalidArgument, ...notFound, ...commonErrors },
})

export const imageRoutes = ({ database }: Deps) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(get, async (c) => c.json(imageView(await getImage(database, c.req.valid('param').id)), 200))
    .openapi(list, async (c) => {
      const query = c.req.valid('query')
      return c.json(
        pageOf(await listImages(database, query), query.limit, ({ image }) => image.id, imageView),
        200,
      )
    })
