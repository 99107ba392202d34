import { createRoute, OpenAPIHono, type z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { pageOf, pageQuery } from '#api/http/paging.ts'
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
import { poolPath } from '#api/storage-pools/routes.ts'
import { storagePoolParams } from '#api/storage-pools/schemas.ts'
import { type Begun, createVolume, deleteVolume, resizeVolume, snapshotVolume } from './change.ts'
import {
  creatingVolumeExample,
  deletingVolumeExample,
  resizingVolumeExample,
  snapshottingVolumeExample,
  volumeExample,
  volumeInput,
  volumePageSchema,
  volumeParams,
  volumeResizeInput,
  volumeSchema,
  volumeSnapshotInput,
} from './schemas.ts'
import { getVolume, listVolumes } from './service.ts'
import { volumeView } from './view.ts'

const tags = ['Storage pools']
const parameters = [preferParameter]
const path = '/api/v1/nodes/{id}/storage-pools/{pool}/volumes'
/** What a request that changes something is answered with. */
const changeErrors = { ...invalidArgument, ...notFound, ...conflict, ...commonErrors }
const changed = (example: z.infer<typeof volumeSchema>) => ({
  200: json('Done: waited for with `Prefer: wait=N`.', volumeSchema, volumeExample),
  ...accepted(volumeSchema, example),
  ...changeErrors,
  ...bodyErrors,
})
const list = createRoute({
  method: 'get',
  path,
  operationId: 'listVolumes',
  tags,
  summary: 'List the volumes of a storage pool',
  description: 'Newest first; also those that others made, which its node finds within a minute.',
  request: { params: storagePoolParams, query: pageQuery },
  responses: {
    200: json('A page of volumes.', volumePageSchema, { items: [volumeExample], nextCursor: null }),
    ...invalidArgument,
    ...notFound,
    ...commonErrors,
  },
})

const create = createRoute({
  method: 'post',
  path,
  operationId: 'createVolume',
  tags,
  summary: 'Make a volume',
  description: 'Empty, or a copy of an image, a volume or a snapshot. Of one that cannot be made nothing stays.',
  parameters,
  request: { params: storagePoolParams, body: jsonBody(volumeInput, { name: 'data-1', sizeGib: 20 }) },
  responses: changed(creatingVolumeExample),
})

const get = createRoute({
  method: 'get',
  path: `${path}/{volume}`,
  operationId: 'getVolume',
  tags,
  summary: 'Get a volume',
  description: 'With its unfinished operation where it has one.',
  request: { params: volumeParams },
  responses: {
    200: json('The volume.', volumeSchema, volumeExample),
    ...invalidArgument,
    ...notFound,
    ...commonErrors,
  },
})

const resize = createRoute({
  method: 'patch',
  path: `${path}/{volume}`,
  operationId: 'resizeVolume',
  tags,
  summary: 'Make a volume larger',
  description: 'Under a VM that runs with it, too.',
  parameters,
  request: { params: volumeParams, body: jsonBody(volumeResizeInput, { sizeGib: 40 }) },
  responses: changed(resizingVolumeExample),
})

const snapshot = createRoute({
  method: 'post',
  path: `${path}/{volume}/snapshots`,
  operationId: 'createVolumeSnapshot',
  tags,
  summary: 'Take a snapshot of a volume',
  description:
    'Of one that no VM writes to. The snapshot is a volume of the pool, with `snapshotOf`; others are made from it.',
  parameters,
  request: { params: volumeParams, body: jsonBody(volumeSnapshotInput, { name: 'data-1-before' }) },
  responses: changed(snapshottingVolumeExample),
})

const remove = createRoute({
  method: 'delete',
  path: `${path}/{volume}`,
  operationId: 'deleteVolume',
  tags,
  summary: 'Delete a volume',
  description: 'With what is in it. Refused while a VM has it as a disk.',
  parameters,
  request: { params: volumeParams },
  responses: {
    204: { description: 'Gone: waited for with `Prefer: wait=N`.' },
    ...accepted(volumeSchema, deletingVolumeExample),
    ...changeErrors,
  },
})

const volumePath = ({ volume: { nodeId, pool, name } }: Begun): string =>
  `${poolPath({ nodeId, name: pool })}/volumes/${name}`

const placeOf = <Place extends { pool: string }>({ id, ...rest }: Place & { id: string }) => ({ nodeId: id, ...rest })

export const volumeRoutes = (deps: Deps) => {
  const { database } = deps

  async function outcome(c: Context<ApiEnv>, begun: Begun) {
    const { volume, operation } = begun
    const read = () => getVolume(database, { ...volume, volume: volume.name })
    return outcomeOf(c, deps, { operation, location: volumePath(begun), read })
  }

  return new OpenAPIHono<ApiEnv>()
    .openapi(list, async (c) => {
      const query = c.req.valid('query')
      const found = await listVolumes(database, placeOf(c.req.valid('param')), query)
      return c.json(
        pageOf(found, query.limit, ({ volume }) => volume.id, volumeView),
        200,
      )
    })
    .openapi(create, async (c) => {
      const begun = await createVolume(deps, placeOf(c.req.valid('param')), c.req.valid('json'))
      const done = await outcome(c, begun)
      return done ? c.json(volumeView(done), 200) : c.json(volumeView(begun), 202)
    })
    .openapi(get, async (c) => c.json(volumeView(await getVolume(database, placeOf(c.req.valid('param')))), 200))
    .openapi(resize, async (c) => {
      const begun = await resizeVolume(deps, placeOf(c.req.valid('param')), c.req.valid('json').sizeGib)
      const done = await outcome(c, begun)
      return done ? c.json(volumeView(done), 200) : c.json(volumeView(begun), 202)
    })
    .openapi(snapshot, async (c) => {
      const begun = await snapshotVolume(deps, placeOf(c.req.valid('param')), c.req.valid('json').name)
      const done = await outcome(c, begun)
      return done ? c.json(volumeView(done), 200) : c.json(volumeView(begun), 202)
    })
    .openapi(remove, async (c) => {
      const begun = await deleteVolume(deps, placeOf(c.req.valid('param')))
      const { operation } = begun
      const done = await outcomeOf(c, deps, { operation, location: volumePath(begun), read: async () => 'gone' })
      return done ? c.body(null, 204) : c.json(volumeView(begun), 202)
    })
}
