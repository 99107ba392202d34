import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import {
  bodyErrors,
  commonErrors,
  conflict,
  invalidArgument,
  jsonBody,
  notFound,
  preferParameter,
} from '#api/http/responses.ts'
import { acceptedVm, answerVm, vmResponse } from '#api/vms/answer.ts'
import { vmParams } from '#api/vms/schemas.ts'
import { beginChange } from '#db/operations/begin-change.ts'
import { decideDiskAttach, decideDiskDetach, decideDiskResize } from '#db/rules/disk-changes.ts'
import type { VmRow } from '#db/schema/vm.ts'
import { refuseFields } from './refuse-fields.ts'
import { diskAttachInput, diskDetachQuery, diskParams, diskResizeInput } from './schemas.ts'

const tags = ['Devices']
const parameters = [preferParameter]
const path = '/api/v1/vms/{id}/disks/{target}'
const withoutSnapshots = 'Refused while the VM has snapshots, with reason `VM_HAS_SNAPSHOTS`.'

const attach = createRoute({
  method: 'post',
  path: '/api/v1/vms/{id}/disks',
  operationId: 'attachDisk',
  tags,
  summary: 'Attach a disk',
  description: `Makes an empty disk or a clone of an image, or takes a volume that was kept, and plugs it into the VM, whether it runs or not. Disks on sata come and go only while it is stopped. ${withoutSnapshots}`,
  parameters,
  request: {
    params: vmParams,
    body: jsonBody(diskAttachInput, { sizeGib: 10 }),
  },
  responses: {
    ...vmResponse('It is there: it was waited for.'),
    ...acceptedVm('disk.attach'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

const detach = createRoute({
  method: 'delete',
  path,
  operationId: 'detachDisk',
  tags,
  summary: 'Detach a disk',
  description: `Asks the guest of a running VM to let go of it, and fails with reason \`GUEST_KEEPS_DEVICE\` when it does not in its time; the VM keeps the disk then. What is on it becomes a volume of its own in the node's pool, unless it is to be deleted. ${withoutSnapshots}`,
  parameters,
  request: { params: diskParams, query: diskDetachQuery },
  responses: {
    ...vmResponse('It is gone: it was waited for.'),
    ...acceptedVm('disk.detach'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

const resize = createRoute({
  method: 'patch',
  path,
  operationId: 'resizeDisk',
  tags,
  summary: 'Make a disk larger',
  description: `The guest sees it at once; its partitions and file systems are its own matter. A smaller size is refused. ${withoutSnapshots}`,
  parameters,
  request: {
    params: diskParams,
    body: jsonBody(diskResizeInput, { sizeGib: 20 }),
  },
  responses: {
    ...vmResponse('It is as large: it was waited for.'),
    ...acceptedVm('disk.resize'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

/** The disks of a VM that exists. */
export const diskRoutes = (deps: Deps) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(attach, async (c) => {
      const disk = c.req.valid('json')
      const decide = (vm: VmRow) => decideDiskAttach(vm, disk, refuseFields)
      return answerVm(c, deps, await beginChange(deps, c.req.valid('param').id, decide))
    })
    .openapi(detach, async (c) => {
      const { id, target } = c.req.valid('param')
      const wanted = { target, ...c.req.valid('query') }
      return answerVm(c, deps, await beginChange(deps, id, (vm) => decideDiskDetach(vm, wanted)))
    })
    .openapi(resize, async (c) => {
      const { id, target } = c.req.valid('param')
      const wanted = { target, ...c.req.valid('json') }
      return answerVm(c, deps, await beginChange(deps, id, (vm) => decideDiskResize(vm, wanted)))
    })
