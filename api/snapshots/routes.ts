import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { errorSchema, errorsByStatus, memorySnapshotBlockedExample } from '#api/http/error-schema.ts'
import { pageOf } from '#api/http/paging.ts'
import {
  accepted,
  bodyErrors,
  commonErrors,
  invalidArgument,
  json,
  jsonBody,
  notFound,
  preferParameter,
} from '#api/http/responses.ts'
import { outcomeOf } from '#api/operations/outcome.ts'
import { beginSnapshot } from '#db/operations/begin-snapshot.ts'
import { snapshotCapabilities } from '#db/rules/snapshot-capabilities.ts'
import { readSnapshotFacts } from '#db/snapshot-rows.ts'
import { getSnapshot } from '#db/snapshots.ts'
import { snapshotCapabilitiesExample, snapshotCapabilitiesSchema } from './capabilities-schema.ts'
import {
  acceptedSnapshotExample,
  snapshotCreateInput,
  snapshotExample,
  snapshotListParams,
  snapshotListQuery,
  snapshotPageSchema,
  snapshotParams,
  snapshotSchema,
} from './schemas.ts'
import { listSnapshots } from './service.ts'
import { snapshotView } from './view.ts'

const tags = ['Snapshots']

const create = createRoute({
  method: 'post',
  path: '/api/v1/vms/{id}/snapshots',
  operationId: 'createSnapshot',
  tags,
  summary: 'Take a snapshot',
  description:
    'Of a running or paused VM: its disks, and with `includeMemory` its memory. Of a stopped VM: its disks. `kind` says what was really taken.',
  parameters: [preferParameter],
  request: {
    params: snapshotListParams,
    body: jsonBody(snapshotCreateInput, {
      name: 'before-upgrade',
      description: 'Before upgrade',
      includeMemory: true,
      quiesce: false,
    }),
  },
  responses: {
    200: json('Taken: waited for with `Prefer: wait=N`.', snapshotSchema, snapshotExample),
    ...accepted(snapshotSchema, acceptedSnapshotExample),
    409: {
      description: errorsByStatus[409].description,
      content: {
        'application/json': {
          schema: errorSchema,
          examples: {
            memorySnapshotBlocked: { summary: 'The CPU forbids it', value: memorySnapshotBlockedExample },
            operationInProgress: { summary: 'The VM is busy', value: errorsByStatus[409].example },
          },
        },
      },
    },
    ...invalidArgument,
    ...notFound,
    ...bodyErrors,
    ...commonErrors,
  },
})

const list = createRoute({
  method: 'get',
  path: '/api/v1/vms/{id}/snapshots',
  operationId: 'listSnapshots',
  tags,
  summary: "List a VM's snapshots",
  description:
    'Newest first. `parentId` and `current` make the tree of them. A snapshot that failed stays, with its error.',
  request: { params: snapshotListParams, query: snapshotListQuery },
  responses: {
    200: json('A page of snapshots.', snapshotPageSchema, { items: [snapshotExample], nextCursor: null }),
    ...invalidArgument,
    ...notFound,
    ...commonErrors,
  },
})

const get = createRoute({
  method: 'get',
  path: '/api/v1/vms/{id}/snapshots/{snapshotId}',
  operationId: 'getSnapshot',
  tags,
  summary: 'Get a snapshot',
  description: 'With its unfinished operation, where it has one.',
  request: { params: snapshotParams },
  responses: {
    200: json('The snapshot.', snapshotSchema, snapshotExample),
    ...invalidArgument,
    ...notFound,
    ...commonErrors,
  },
})

const capabilities = createRoute({
  method: 'get',
  path: '/api/v1/vms/{id}/snapshot-capabilities',
  operationId: 'getSnapshotCapabilities',
  tags,
  summary: 'Say which snapshots can be taken',
  description:
    'Of each kind whether it can be taken now, from what the node last reported, by the same rule that decides when it is asked for.',
  request: { params: snapshotListParams },
  responses: {
    200: json('Each kind.', snapshotCapabilitiesSchema, snapshotCapabilitiesExample),
    ...invalidArgument,
    ...notFound,
    ...commonErrors,
  },
})

export const snapshotRoutes = (deps: Deps) => {
  const { database } = deps
  return new OpenAPIHono<ApiEnv>()
    .openapi(create, async (c) => {
      const vmId = c.req.valid('param').id
      const made = await beginSnapshot(deps, vmId, c.req.valid('json'))
      const { id } = made.snapshot
      const done = await outcomeOf(c, deps, {
        operation: made.operation,
        location: `/api/v1/vms/${vmId}/snapshots/${id}`,
        read: () => getSnapshot(database, vmId, id),
      })
      return done ? c.json(snapshotView(done), 200) : c.json(snapshotView(made), 202)
    })
    .openapi(capabilities, async (c) =>
      c.json(snapshotCapabilities(await readSnapshotFacts(database, c.req.valid('param').id, deps.maxSnapshots)), 200),
    )
    .openapi(list, async (c) => {
      const query = c.req.valid('query')
      const found = await listSnapshots(database, c.req.valid('param').id, query)
      return c.json(
        pageOf(found, query.limit, ({ snapshot }) => snapshot.id, snapshotView),
        200,
      )
    })
    .openapi(get, async (c) => {
      const { id, snapshotId } = c.req.valid('param')
      return c.json(snapshotView(await getSnapshot(database, id, snapshotId)), 200)
    })
}
