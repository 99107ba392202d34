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
import { acceptedVm, answerVm, vmResponse } from './answer.ts'
import { pauseVm, rebootVm, resumeVm, startVm, stopVm } from './power.ts'
import { vmRebootInput, vmStopInput } from './power-schemas.ts'
import { vmParams } from './schemas.ts'

const tags = ['VMs']
const parameters = [preferParameter]

const start = createRoute({
  method: 'post',
  path: '/api/v1/vms/{id}/start',
  operationId: 'startVm',
  tags,
  summary: 'Start a VM',
  description: 'A VM that runs already is left as it is and answered with 200.',
  parameters,
  request: { params: vmParams },
  responses: {
    ...vmResponse('It runs: it did already, or was waited for.'),
    ...acceptedVm('vm.start'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

const stop = createRoute({
  method: 'post',
  path: '/api/v1/vms/{id}/stop',
  operationId: 'stopVm',
  tags,
  summary: 'Stop a VM',
  description:
    'Asks the guest to shut down, and takes the power away when it has not in its time, or at once with `force`. A forced stop overtakes a stop or reboot that waits for the guest: that one ends with reason `OVERTAKEN`. A VM that is stopped already is left as it is and answered with 200.',
  parameters,
  request: {
    params: vmParams,
    body: jsonBody(vmStopInput, { force: false, timeoutSeconds: 60 }, false),
  },
  responses: {
    ...vmResponse('It is stopped: it was already, or was waited for.'),
    ...acceptedVm('vm.stop'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

const reboot = createRoute({
  method: 'post',
  path: '/api/v1/vms/{id}/reboot',
  operationId: 'rebootVm',
  tags,
  summary: 'Reboot a VM',
  description:
    'Asks the guest to reboot and waits until it has begun anew, or resets it with `force`. A guest that has not in its time makes the operation fail, and the VM runs on as it was. Changes that wait for the next start go on waiting: QEMU stays the same.',
  parameters,
  request: {
    params: vmParams,
    body: jsonBody(vmRebootInput, { force: false, timeoutSeconds: 60 }, false),
  },
  responses: {
    ...vmResponse('It began anew: it was waited for.'),
    ...acceptedVm('vm.reboot'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

const pause = createRoute({
  method: 'post',
  path: '/api/v1/vms/{id}/pause',
  operationId: 'pauseVm',
  tags,
  summary: 'Pause a VM',
  description:
    'The guest stands still and keeps its memory; the node keeps that for it. A VM that is paused already is left as it is and answered with 200.',
  parameters,
  request: { params: vmParams },
  responses: {
    ...vmResponse('It is paused: it was already, or was waited for.'),
    ...acceptedVm('vm.pause'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

const resume = createRoute({
  method: 'post',
  path: '/api/v1/vms/{id}/resume',
  operationId: 'resumeVm',
  tags,
  summary: 'Resume a VM',
  description:
    "The guest of a paused VM goes on, and its clock is set to the node's through the guest agent where there is one: the operation's result says how far it was off. A VM that runs already is left as it is and answered with 200.",
  parameters,
  request: { params: vmParams },
  responses: {
    ...vmResponse('It runs: it did already, or was waited for.'),
    ...acceptedVm('vm.resume'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

/** Power on, off, and everything between. */
export const vmPowerRoutes = (deps: Deps) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(start, async (c) => answerVm(c, deps, await startVm(deps, c.req.valid('param').id)))
    // A body left out reaches us without its defaults.
    .openapi(stop, async (c) => {
      const input = vmStopInput.parse(c.req.valid('json'))
      return answerVm(c, deps, await stopVm(deps, c.req.valid('param').id, input))
    })
    .openapi(reboot, async (c) => {
      const input = vmRebootInput.parse(c.req.valid('json'))
      return answerVm(c, deps, await rebootVm(deps, c.req.valid('param').id, input))
    })
    .openapi(pause, async (c) => answerVm(c, deps, await pauseVm(deps, c.req.valid('param').id)))
    .openapi(resume, async (c) => answerVm(c, deps, await resumeVm(deps, c.req.valid('param').id)))
