import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Response {
  description: string
  content?: { 'application/json': { schema: object; example?: unknown; examples?: object } }
}
interface Operation {
  operationId: string
  tags: string[]
  summary: string
  description: string
  requestBody?: { content: { 'application/json'?: { example?: unknown } } }
  parameters?: { name: string; description?: string; example?: unknown; schema: object }[]
  responses: Record<string, Response>
}

const text = readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8')
const document = JSON.parse(text) as {
  openapi: string
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

const all = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, path, operation })),
)

test('the promised routes are there, and no others', () => {
  expect(document.openapi).toBe('3.1.0')
  expect(all.map(({ route }) => route).sort()).toEqual([
    'DELETE /api/v1/images/{id}',
    'DELETE /api/v1/nodes/{id}/storage-pools/{pool}',
    'DELETE /api/v1/nodes/{id}/storage-pools/{pool}/volumes/{volume}',
    'DELETE /api/v1/vms/{id}',
    'DELETE /api/v1/vms/{id}/disks/{target}',
    'DELETE /api/v1/vms/{id}/display-password',
    'DELETE /api/v1/vms/{id}/nics/{mac}',
    'DELETE /api/v1/vms/{id}/snapshot-schedule',
    'DELETE /api/v1/vms/{id}/snapshots/{snapshotId}',
    'GET /api/v1/guest-os-profiles',
    'GET /api/v1/images',
    'GET /api/v1/images/{id}',
    'GET /api/v1/nodes',
    'GET /api/v1/nodes/{id}',
    'GET /api/v1/nodes/{id}/domains',
    'GET /api/v1/nodes/{id}/domains/{uuid}',
    'GET /api/v1/nodes/{id}/storage-pools',
    'GET /api/v1/nodes/{id}/storage-pools/{pool}',
    'GET /api/v1/nodes/{id}/storage-pools/{pool}/volumes',
    'GET /api/v1/nodes/{id}/storage-pools/{pool}/volumes/{volume}',
    'GET /api/v1/operations',
    'GET /api/v1/operations/{id}',
    'GET /api/v1/vms',
    'GET /api/v1/vms/{id}',
    'GET /api/v1/vms/{id}/agent/files',
    'GET /api/v1/vms/{id}/events',
    'GET /api/v1/vms/{id}/snapshot-capabilities',
    'GET /api/v1/vms/{id}/snapshots',
    'GET /api/v1/vms/{id}/snapshots/{snapshotId}',
    'GET /healthz',
    'GET /readyz',
    'PATCH /api/v1/nodes/{id}/storage-pools/{pool}/volumes/{volume}',
    'PATCH /api/v1/vms/{id}',
    'PATCH /api/v1/vms/{id}/disks/{target}',
    'POST /api/v1/images',
    'POST /api/v1/nodes/{id}/domains/{uuid}/adopt',
    'POST /api/v1/nodes/{id}/storage-pools',
    'POST /api/v1/nodes/{id}/storage-pools/{pool}/volumes',
    'POST /api/v1/nodes/{id}/storage-pools/{pool}/volumes/{volume}/snapshots',
    'POST /api/v1/operations/{id}/cancel',
    'POST /api/v1/vms',
    'POST /api/v1/vms/{id}/agent/exec',
    'POST /api/v1/vms/{id}/agent/ping',
    'POST /api/v1/vms/{id}/agent/quiesce',
    'POST /api/v1/vms/{id}/agent/shutdown',
    'POST /api/v1/vms/{id}/agent/sync-time',
    'POST /api/v1/vms/{id}/agent/thaw',
    'POST /api/v1/vms/{id}/disks',
    'POST /api/v1/vms/{id}/nics',
    'POST /api/v1/vms/{id}/pause',
    'POST /api/v1/vms/{id}/reboot',
    'POST /api/v1/vms/{id}/release',
    'POST /api/v1/vms/{id}/resume',
    'POST /api/v1/vms/{id}/snapshots',
    'POST /api/v1/vms/{id}/snapshots/{snapshotId}/revert',
    'POST /api/v1/vms/{id}/start',
    'POST /api/v1/vms/{id}/stop',
    'PUT /api/v1/images/{id}/content',
    'PUT /api/v1/vms/{id}/agent/files',
    'PUT /api/v1/vms/{id}/cdroms/{target}/media',
    'PUT /api/v1/vms/{id}/display-password',
    'PUT /api/v1/vms/{id}/snapshot-schedule',
  ])
})

test.each(all)('$route has a name, a tag, a summary and a description', ({ operation }) => {
  expect(operation.operationId).toMatch(
    /^(create|get|list|start|stop|reboot|pause|resume|revert|set|update|delete|adopt|release|attach|detach|resize|change|import|upload|cancel|ping|execute|read|write|sync|shut|quiesce|thaw)[A-Z][A-Za-z]+$/,
  )
  expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining(operation.tags))
  expect(operation.tags).toHaveLength(1)
  expect(operation.summary).not.toBe('')
  expect(operation.description).toMatch(/\.$/)
})

test.each(all)('$route has examples of all that goes in and comes out', ({ operation }) => {
  const body = operation.requestBody?.content['application/json']
  if (body) expect(body.example).toBeDefined()
  for (const { name, description, example, schema } of operation.parameters ?? []) {
    expect(description ?? (schema as { description?: string }).description, name).toBeTruthy()
    expect(example ?? (schema as { example?: unknown }).example, name).toBeDefined()
  }
  for (const [status, { content, description }] of Object.entries(operation.responses)) {
    expect(description).not.toBe('')
    if (status === '204') continue
    const json = content?.['application/json']
    expect(json?.example ?? json?.examples, `${status}`).toBeDefined()
  }
})

test.each(all)('$route says which errors it answers with, all of schema Error', ({ path, operation }) => {
  const statuses = Object.keys(operation.responses).map(Number)
  const wanted = [500]
  if (path.startsWith('/api/')) wanted.push(503)
  if (operation.parameters || operation.requestBody) wanted.push(400)
  if (path.includes('{')) wanted.push(404)
  if (operation.requestBody) wanted.push(413, 415)
  if (statuses.includes(202)) wanted.push(409)
  expect(statuses).toEqual(expect.arrayContaining(wanted))
  for (const [status, { content }] of Object.entries(operation.responses)) {
    if (Number(status) < 400 || operation.operationId === 'getReadiness') continue
    expect(content?.['application/json'].schema).toEqual({ $ref: '#/components/schemas/Error' })
  }
})

test('operation names are unique', () => {
  const names = all.map(({ operation }) => operation.operationId)
  expect(new Set(names).size).toBe(names.length)
})

test('every reference leads somewhere', () => {
  const references = [...text.matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name)
  expect(references.length).toBeGreaterThan(50)
  expect(references.length).toBe(text.split('"$ref"').length - 1)
  expect(Object.keys(document.components.schemas)).toEqual(expect.arrayContaining(references))
})

test('the refusal of a memory snapshot is shown as it is published', () => {
  const [refusal] = text.match(/Memory snapshots are not supported with host-passthrough CPU\.[^"]*/) ?? []
  expect(refusal?.split('\\n')).toHaveLength(8)
})
