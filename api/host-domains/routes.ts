import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv, Deps } from '#api/deps.ts'
import { pageOf, pageQuery } from '#api/http/paging.ts'
import {
  bodyErrors,
  commonErrors,
  conflict,
  invalidArgument,
  json,
  jsonBody,
  notFound,
  preferParameter,
} from '#api/http/responses.ts'
import { acceptedVm, answerVm, vmResponse } from '#api/vms/answer.ts'
import { vmParams } from '#api/vms/schemas.ts'
import { adoptDomain } from './adopt.ts'
import { releaseVm } from './release.ts'
import {
  adoptInput,
  hostDomainExample,
  hostDomainPageSchema,
  hostDomainParams,
  hostDomainSchema,
  nodeParams,
} from './schemas.ts'
import { getHostDomain, listHostDomains } from './service.ts'
import { hostDomainView } from './view.ts'

const tags = ['Host domains']

const list = createRoute({
  method: 'get',
  path: '/api/v1/nodes/{id}/domains',
  operationId: 'listHostDomains',
  tags,
  summary: 'List the domains that others made',
  description:
    'What libvirt has on a node and Quantix did not make, each with whether it can be adopted and what is in the way. The worker looks when libvirt tells of a change, and every 30 s; changes of a definition that libvirt does not tell of are seen within 10 minutes.',
  request: { params: nodeParams, query: pageQuery },
  responses: {
    200: json('A page of domains.', hostDomainPageSchema, { items: [hostDomainExample], nextCursor: null }),
    ...invalidArgument,
    ...notFound,
    ...commonErrors,
  },
})

const get = createRoute({
  method: 'get',
  path: '/api/v1/nodes/{id}/domains/{uuid}',
  operationId: 'getHostDomain',
  tags,
  summary: 'Get a domain that others made',
  description: 'One that is a VM is answered with 409 and the id of the VM.',
  request: { params: hostDomainParams },
  responses: {
    200: json('The domain.', hostDomainSchema, hostDomainExample),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

const adopt = createRoute({
  method: 'post',
  path: '/api/v1/nodes/{id}/domains/{uuid}/adopt',
  operationId: 'adoptHostDomain',
  tags,
  summary: 'Make a VM of a domain that others made',
  description:
    "The VM's id is the domain's UUID. Nothing is changed on the node: the domain goes on as it is, with its CPU and every device. An adoption that fails leaves no VM; the operation says why.",
  parameters: [preferParameter],
  request: {
    params: hostDomainParams,
    body: jsonBody(adoptInput, { name: 'web-1' }, false),
  },
  responses: {
    ...vmResponse('It is a VM: it was waited for.'),
    ...acceptedVm('vm.adopt'),
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...bodyErrors,
    ...commonErrors,
  },
})

const release = createRoute({
  method: 'post',
  path: '/api/v1/vms/{id}/release',
  operationId: 'releaseVm',
  tags: ['VMs'],
  summary: 'Give an adopted VM back',
  description:
    'The VM is gone at once, and its domain goes on as it is; it is listed among those of its node, and can be adopted again. Only of VMs with `origin` host and without snapshots.',
  request: { params: vmParams },
  responses: {
    204: { description: 'Released.' },
    ...invalidArgument,
    ...notFound,
    ...conflict,
    ...commonErrors,
  },
})

export const hostDomainRoutes = (deps: Deps) =>
  new OpenAPIHono<ApiEnv>()
    .openapi(list, async (c) => {
      const query = c.req.valid('query')
      const found = await listHostDomains(deps.database, c.req.valid('param').id, query)
      return c.json(
        pageOf(found, query.limit, ({ domain }) => domain.id, hostDomainView),
        200,
      )
    })
    .openapi(get, async (c) => {
      const { id, uuid } = c.req.valid('param')
      return c.json(hostDomainView(await getHostDomain(deps.database, id, uuid)), 200)
    })
    .openapi(adopt, async (c) => {
      const { id, uuid } = c.req.valid('param')
      // A body left out reaches us as undefined.
      return answerVm(c, deps, await adoptDomain(deps, id, uuid, adoptInput.parse(c.req.valid('json') ?? {})))
    })
    .openapi(release, async (c) => {
      await releaseVm(deps, c.req.valid('param').id)
      return c.body(null, 204)
    })
