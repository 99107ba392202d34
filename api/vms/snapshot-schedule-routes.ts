import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { bodyErrors, commonErrors, conflict, invalidArgument, json, jsonBody, notFound } from '#api/http/responses.ts'
import { vmExample, vmParams, vmSchema } from './schemas.ts'
import { deleteSnapshotSchedule, setSnapshotSchedule } from './snapshot-schedule.ts'
import { snapshotScheduleExample, snapshotScheduleInput } from './snapshot-schedule-schemas.ts'
import { vmView } from './view.ts'

const tags = ['Snapshots']
const path = '/api/v1/vms/{id}/snapshot-schedule'

const put = createRoute({
  method: 'put',
  path,
  operationId: 'setSnapshotSchedule',
  tags,
  summary: 'Take snapshots on a schedule',
  description:
    'In place of the schedule that the VM has. A snapshot that cannot be taken when it is due is listed as a failed one, with the reason; while the VM is busy it is waited for, until the one after is due. Beyond `keep`, the oldest scheduled snapshots are deleted; a snapshot that was asked for never is.',
  request: {
    params: vmParams,
    body: jsonBody(snapshotScheduleInput, { cron: '30 3 * * *', quiesce: true, keep: 7 }),
  },
  responses: {
    200: json('The VM with its schedule.', vmSchema, { ...vmExample, snapshotSchedule: snapshotScheduleExample }),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

const remove = createRoute({
  method: 'delete',
  path,
  operationId: 'deleteSnapshotSchedule',
  tags,
  summary: 'Take no more snapshots on a schedule',
  description: 'The snapshots that it took stay.',
  request: { params: vmParams },
  responses: { 204: { description: 'There is no schedule.' }, ...invalidArgument, ...notFound, ...commonErrors },
})

export const snapshotScheduleRoutes = (deps: Deps) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(put, async (c) => {
      const vm = await setSnapshotSchedule(deps, c.req.valid('param').id, c.req.valid('json'))
      return c.json(vmView(vm), 200)
    })
    .openapi(remove, async (c) => {
      await deleteSnapshotSchedule(deps, c.req.valid('param').id)
      return c.body(null, 204)
    })
