import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
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
import { operationExample, operationSchema } from '#api/operations/schemas.ts'
import { vmParams } from '#api/vms/schemas.ts'
import type { GuestCall } from '#db/guest-call.ts'
import { type Asked, askGuest } from './ask-guest.ts'
import {
  fileInput,
  fileQuery,
  fileReadQuery,
  guestAnswers,
  guestShutdownInput,
  programInput,
  quiesceInput,
  thawInput,
  timeSyncInput,
} from './schemas.ts'

const about = { tags: ['Guest agent'], parameters: [preferParameter] }

const answers = <K extends GuestCall>(kind: K) => ({
  200: json('The guest has answered.', guestAnswers[kind].schema, guestAnswers[kind].example),
  ...accepted(
    operationSchema,
    { ...operationExample, ...{ kind, status: 'queued' as const, done: false, startedAt: null, finishedAt: null } },
    'Accepted: the operation goes on, and has the answer in its result for an hour.',
  ),
  ...invalidArgument,
  ...notFound,
  ...conflict,
  ...commonErrors,
})

const ping = createRoute({
  ...about,
  method: 'post',
  path: '/api/v1/vms/{id}/agent/ping',
  operationId: 'pingGuestAgent',
  summary: "Ping a guest's agent",
  description: 'An agent that is not there, or does not answer, is an answer and no error.',
  request: { params: vmParams },
  responses: answers('agent.ping'),
})

const exec = createRoute({
  ...about,
  method: 'post',
  path: '/api/v1/vms/{id}/agent/exec',
  operationId: 'executeInGuest',
  summary: 'Run a program in a guest',
  description:
    'Without a shell, as the agent runs. What it was given and what it wrote are stored encrypted, for an hour. A program is started once: a worker that stops meanwhile says so and starts it no second time.',
  request: {
    params: vmParams,
    body: jsonBody(programInput, { command: 'uname', args: ['-r'] }),
  },
  responses: { ...answers('agent.exec'), ...bodyErrors },
})

const readFile = createRoute({
  ...about,
  method: 'get',
  path: '/api/v1/vms/{id}/agent/files',
  operationId: 'readGuestFile',
  summary: 'Read a part of a file of a guest',
  description: 'At most 1 MiB at a time.',
  request: { params: vmParams, query: fileReadQuery },
  responses: answers('agent.read-file'),
})

const writeFile = createRoute({
  ...about,
  method: 'put',
  path: '/api/v1/vms/{id}/agent/files',
  operationId: 'writeGuestFile',
  summary: 'Write a file of a guest',
  description: 'Whole: it is written beside the old one, and then takes its place. Needs a POSIX shell in the guest.',
  request: {
    params: vmParams,
    query: fileQuery,
    body: jsonBody(fileInput, { data: 'cXVhbnRpeAo=', mode: '0644' }),
  },
  responses: { ...answers('agent.write-file'), ...bodyErrors },
})

const syncTime = createRoute({
  ...about,
  method: 'post',
  path: '/api/v1/vms/{id}/agent/sync-time',
  operationId: 'syncGuestTime',
  summary: "Set a guest's clock",
  description: "Sets it to its node's where it is more than a second off, or always with `force`.",
  request: { params: vmParams, body: jsonBody(timeSyncInput, { force: true }, false) },
  responses: { ...answers('agent.sync-time'), ...bodyErrors },
})

const shutdown = createRoute({
  ...about,
  method: 'post',
  path: '/api/v1/vms/{id}/agent/shutdown',
  operationId: 'shutDownGuest',
  summary: 'Have the agent shut its guest down, or reboot it',
  description: 'Answers when the agent has agreed. To wait until the VM is off, and to force it, stop the VM.',
  request: { params: vmParams, body: jsonBody(guestShutdownInput, { reboot: false }, false) },
  responses: { ...answers('agent.shutdown'), ...bodyErrors },
})

const quiesce = createRoute({
  ...about,
  method: 'post',
  path: '/api/v1/vms/{id}/agent/quiesce',
  operationId: 'quiesceGuest',
  summary: "Freeze a guest's file systems",
  description:
    'All of them or none, until they are thawed with the token, at the latest at the deadline. Snapshots that are taken meanwhile are quiesced.',
  request: { params: vmParams, body: jsonBody(quiesceInput, { timeoutSeconds: 60 }, false) },
  responses: { ...answers('agent.quiesce'), ...bodyErrors },
})

const thaw = createRoute({
  ...about,
  method: 'post',
  path: '/api/v1/vms/{id}/agent/thaw',
  operationId: 'thawGuest',
  summary: "Thaw a guest's file systems",
  description: 'With the token that the freeze was answered with; it is good once.',
  request: {
    params: vmParams,
    body: jsonBody(thawInput, { token: guestAnswers['agent.quiesce'].example.token }),
  },
  responses: { ...answers('agent.thaw'), ...bodyErrors },
})

/** 10 for the thaw, and 30 for the scripts after it. */
const thawWithScriptsSeconds = 40

/** What a VM's guest agent does. */
export const agentRoutes = (deps: Deps) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(ping, async (c) => {
      const { id: vmId } = c.req.valid('param')
      return answered(c, await askGuest(c, deps, { vmId, kind: 'agent.ping', request: {} }))
    })
    .openapi(exec, async (c) => {
      const { id: vmId } = c.req.valid('param')
      const request = c.req.valid('json')
      const takesSeconds = request.waitForExit ? request.timeoutSeconds : 0
      return answered(c, await askGuest(c, deps, { vmId, kind: 'agent.exec', request, takesSeconds }))
    })
    .openapi(readFile, async (c) => {
      const { id: vmId } = c.req.valid('param')
      return answered(c, await askGuest(c, deps, { vmId, kind: 'agent.read-file', request: c.req.valid('query') }))
    })
    .openapi(writeFile, async (c) => {
      const { id: vmId } = c.req.valid('param')
      const { mode, ...content } = c.req.valid('json')
      const request = { ...c.req.valid('query'), ...content, mode: mode === null ? null : Number.parseInt(mode, 8) }
      return answered(c, await askGuest(c, deps, { vmId, kind: 'agent.write-file', request }))
    })
    // A body left out reaches us without its defaults.
    .openapi(syncTime, async (c) => {
      const { id: vmId } = c.req.valid('param')
      const request = timeSyncInput.parse(c.req.valid('json'))
      return answered(c, await askGuest(c, deps, { vmId, kind: 'agent.sync-time', request }))
    })
    .openapi(shutdown, async (c) => {
      const { id: vmId } = c.req.valid('param')
      const request = guestShutdownInput.parse(c.req.valid('json'))
      return answered(c, await askGuest(c, deps, { vmId, kind: 'agent.shutdown', request }))
    })
    .openapi(quiesce, async (c) => {
      const { id: vmId } = c.req.valid('param')
      const request = quiesceInput.parse(c.req.valid('json'))
      // Scripts have half of the time.
      const takesSeconds = request.runPreFreezeScripts ? request.timeoutSeconds / 2 : 0
      return answered(c, await askGuest(c, deps, { vmId, kind: 'agent.quiesce', request, takesSeconds }))
    })
    .openapi(thaw, async (c) => {
      const { id: vmId } = c.req.valid('param')
      const request = c.req.valid('json')
      const takesSeconds = request.runPostThawScripts ? thawWithScriptsSeconds : 0
      return answered(c, await askGuest(c, deps, { vmId, kind: 'agent.thaw', request, takesSeconds }))
    })

const answered = <K extends GuestCall>(c: Context<ApiEnv>, asked: Asked<K>) =>
  'answer' in asked ? c.json(asked.answer, 200) : c.json(asked.operation, 202)
