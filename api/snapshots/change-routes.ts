import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
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
import { vmView } from '#api/vms/view.ts'
import { beginRevert, beginSnapshotDelete } from '#db/operations/begin-snapshot-change.ts'
import { getVm } from '#db/vms.ts'
import { acceptedRevertExample, revertedVmExample, revertedVmSchema, snapshotRevertInput } from './revert-schema.ts'
import { deletingSnapshotExample, snapshotParams, snapshotSchema } from './schemas.ts'
import { snapshotView } from './view.ts'

const tags = ['Snapshots']
const parameters = [preferParameter]

const revert = createRoute({
  method: 'post',
  path: '/api/v1/vms/{id}/snapshots/{snapshotId}/revert',
  operationId: 'revertToSnapshot',
  tags,
  summary: 'Revert to a snapshot',
  description:
    'Puts the disks back, and of a memory snapshot the memory: the VM runs on from that moment. After another snapshot it ends stopped, or is started with `startAfterRevert`. Settings stay as they are. What was current becomes a snapshot itself, its disks without its memory, unless `discardCurrent` says otherwise.',
  parameters,
  request: {
    params: snapshotParams,
    body: jsonBody(snapshotRevertInput, { startAfterRevert: true, discardCurrent: false }, false),
  },
  responses: {
    200: json('Reverted: waited for with `Prefer: wait=N`.', revertedVmSchema, revertedVmExample),
    ...accepted(revertedVmSchema, acceptedRevertExample),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/api/v1/vms/{id}/snapshots/{snapshotId}',
  operationId: 'deleteSnapshot',
  tags,
  summary: 'Delete a snapshot',
  description:
    "In any order, whether the VM runs or not: its disks and every other snapshot stay what they are. Its children become its parent's.",
  parameters,
  request: { params: snapshotParams },
  responses: {
    204: { description: 'Gone: waited for with `Prefer: wait=N`.' },
    ...accepted(snapshotSchema, deletingSnapshotExample),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

export const snapshotChangeRoutes = (deps: Deps) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(revert, async (c) => {
      const { id, snapshotId } = c.req.valid('param')
      // A body left out reaches us without its defaults.
      const wanted = snapshotRevertInput.parse(c.req.valid('json'))
      const { begun, keptSnapshotId, ...shown } = await beginRevert(deps, { vmId: id, snapshotId }, wanted)
      const read = () => getVm(deps.database, id)
      const done = await outcomeOf(c, deps, { operation: begun, location: `/api/v1/vms/${id}`, read })
      return done ? c.json({ ...vmView(done), keptSnapshotId }, 200) : c.json({ ...vmView(shown), keptSnapshotId }, 202)
    })
    .openapi(remove, async (c) => {
      const { id, snapshotId } = c.req.valid('param')
      const deleting = await beginSnapshotDelete(deps, { vmId: id, snapshotId })
      const location = `/api/v1/vms/${id}/snapshots/${snapshotId}`
      const done = await outcomeOf(c, deps, { operation: deleting.operation, location, read: async () => 'gone' })
      return done ? c.body(null, 204) : c.json(snapshotView(deleting), 202)
    })
