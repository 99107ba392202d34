import { beforeAll, expect, test } from 'vitest'
import { requireRefusal } from './bad-request.ts'
import { aVm, everything, startTestApi, storedSpec, type TestApi } from './test-api.ts'

let api: TestApi
let running: string
let before: Awaited<ReturnType<typeof everything>>
beforeAll(async () => {
  api = await startTestApi()
  running = (await aVm(api, { state: 'RUNNING' })).id
  before = await everything(api.database)
})

const refused = (method: string, path: string, body: unknown, field: string) =>
  requireRefusal(api, { method, path, body }, field, before)

const least = { cpu: { cores: 1 }, memory: { sizeMib: 64 } }
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

test.each([
  '../secret.iso',
  '/etc/passwd',
  'a/b.iso',
  'a\\b.iso',
  '.hidden',
  '..',
  '',
  'a\0.iso',
  'a\n.iso',
  '%2e%2e%2fa',
  'x'.repeat(129),
  '-rf',
])('an image named %j is refused', async (name) => {
  await refused(
    'POST',
    '/api/v1/vms',
    { name: 'web-1', spec: { ...least, cdroms: [{ iso: name }] } },
    'spec.cdroms[0].iso',
  )
  await refused(
    'POST',
    '/api/v1/vms',
    { name: 'web-1', spec: { ...least, disks: [{ baseImage: name }] } },
    'spec.disks[0].baseImage',
  )
})

test.each([
  '',
  'a/b',
  "a'b",
  'a"b',
  'a<b',
  'a&b',
  'a b',
  'a\nb',
  'a\0b',
  '-rf',
  '.a',
  'ä',
  '😀',
  'x'.repeat(300),
  7,
  null,
])('a VM named %j is refused', async (name) => {
  await refused('POST', '/api/v1/vms', { name, spec: least }, 'name')
})

test.each(['a\0b', 'a\u0007b', 'a\rb', 'a\u0085b', '\ud800', 'a\udc00b', '\ufffe', '\uffff', 'x'.repeat(1001), 7])(
  'the description %j is refused',
  async (description) => {
    await refused('POST', '/api/v1/vms', { name: 'web-1', description, spec: least }, 'description')
    await refused('POST', `/api/v1/vms/${running}/snapshots`, { name: 's', description }, 'description')
  },
)

test.each(['', ' a', 'a ', 'a\nb', 'a\0b', 'a\u2028b', '\ud800', 'x'.repeat(129), 7])(
  'a snapshot named %j is refused',
  async (name) => {
    await refused('POST', `/api/v1/vms/${running}/snapshots`, { name }, 'name')
  },
)

test('includeMemory with quiesce is refused, and the answer says why', async () => {
  const body = { name: 's', includeMemory: true, quiesce: true }
  const answer = await refused('POST', `/api/v1/vms/${running}/snapshots`, body, 'quiesce')
  expect(answer.body.message).toBe(
    'quiesce: cannot go with includeMemory: frozen file systems would stay frozen in the saved memory. Choose one of the two',
  )
})

const unknownId = '019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11'

test.each([
  ['POST', '/snapshots', { name: 's', includeMemory: 'yes' }, 'includeMemory'],
  ['POST', '/snapshots', { name: 's', force: true }, 'force'],
  ['POST', '/snapshots', {}, 'name'],
  ['POST', '/snapshots', { name: 's', quiesce: true, quiescePolicy: 'maybe' }, 'quiescePolicy'],
  ['POST', '/snapshots', { name: 's', quiesce: true, quiesceTimeoutSeconds: 0 }, 'quiesceTimeoutSeconds'],
  ['POST', '/snapshots', { name: 's', quiesce: true, quiesceTimeoutSeconds: 601 }, 'quiesceTimeoutSeconds'],
  ['POST', '/snapshots', { name: 's', origin: 'revert' }, 'origin'],
  ['GET', '/snapshots?origin=nobody', undefined, 'origin'],
  ['POST', `/snapshots/${unknownId}/revert`, { startAfterRevert: 'yes' }, 'startAfterRevert'],
  ['POST', `/snapshots/${unknownId}/revert`, { keepCurrent: false }, 'keepCurrent'],
  ['POST', '/snapshots/not-a-uuid/revert', {}, 'snapshotId'],
  ['DELETE', '/snapshots/not-a-uuid', undefined, 'snapshotId'],
  ['POST', '/stop', { timeoutSeconds: 0 }, 'timeoutSeconds'],
  ['POST', '/stop', { timeoutSeconds: 3601 }, 'timeoutSeconds'],
  ['POST', '/stop', { now: true }, 'now'],
  ['POST', '/reboot', { timeoutSeconds: 0 }, 'timeoutSeconds'],
  ['POST', '/reboot', { force: 'yes' }, 'force'],
  ['POST', '/reboot', { now: true }, 'now'],
  ['DELETE', '?force=maybe', undefined, 'force'],
  ['DELETE', '?deleteDisks=maybe', undefined, 'deleteDisks'],
  ['GET', '/snapshots?limit=0', undefined, 'limit'],
  ['GET', '/snapshots?limit=201', undefined, 'limit'],
  ['GET', '/snapshots?limit=x', undefined, 'limit'],
  ['GET', '/snapshots?cursor=x', undefined, 'cursor'],
  ['GET', `/snapshots?cursor=${btoa('1; drop table vms')}`, undefined, 'cursor'],
] as const)('%s %s with %j is refused', async (method, path, body, field) => {
  await refused(method, `/api/v1/vms/${running}${path}`, body, field)
})

test.each([
  ['GET', '/api/v1/vms/1', 'id'],
  ['GET', '/api/v1/vms/../nodes', 'id'],
  ['DELETE', '/api/v1/vms/not-a-uuid', 'id'],
  ['POST', '/api/v1/vms/not-a-uuid/start', 'id'],
  ['POST', '/api/v1/vms/not-a-uuid/stop', 'id'],
  ['GET', "/api/v1/operations/'%20or%201=1", 'id'],
  ['GET', '/api/v1/operations?vmId=1', 'vmId'],
  ['GET', '/api/v1/nodes/1', 'id'],
])('%s %s is refused: not a UUID', async (method, path, field) => {
  // The URL parser resolves `..`, so that path arrives as /api/v1/nodes.
  if (path.includes('..')) return expect((await api.send(method, path)).status).toBe(200)
  await refused(method, path, undefined, field)
})

test.each([
  ['nothing', ''],
  ['half an object', '{"name": '],
  ['text', 'hello'],
  ['NaN', '{"a": NaN}'],
])('%s instead of JSON is refused', async (_, body) => {
  const answer = await api.send('POST', '/api/v1/vms', body)
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_argument', reason: 'MALFORMED_JSON' } })
  expect(await everything(api.database)).toEqual(before)
})

test.each([
  ['null', 'null'],
  ['an array', '[]'],
  ['a number', '7'],
  ['100,000 levels', deep],
])('%s instead of an object is refused', async (_, body) => {
  await refused('POST', '/api/v1/vms', body, 'body')
})

test('keys that are names of Object.prototype are unknown fields', async () => {
  const body = `{"name": "a", "constructor": {}, "__proto__": {"polluted": true}, "spec": ${JSON.stringify(storedSpec)}}`
  const answer = await api.send('POST', '/api/v1/vms', body)
  expect(answer.status).toBe(400)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect(await everything(api.database)).toEqual(before)
})

test('what is missing and what is not known are said so', async () => {
  const answer = await api.send('POST', '/api/v1/vms', { title: 'web-1', spec: least })
  expect(answer.body.message).toBe('name: is required\ntitle: unknown field')
})

test('many problems are named at once, and not without end', async () => {
  const extra = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`field${index}`, 1]))
  const answer = await api.send('POST', '/api/v1/vms', { ...extra, name: 'a/b', spec: { ...least, cpu: { cores: 0 } } })
  const fields = answer.body.details.problems.map((problem: { field: string }) => problem.field)
  expect(fields).toEqual(expect.arrayContaining(['name', 'spec.cpu.cores', 'field0']))
  expect(fields).toHaveLength(20)
})

test.each([
  ['text/plain', 415],
  ['application/x-www-form-urlencoded', 415],
  ['multipart/form-data; boundary=x', 415],
  ['application/xml', 415],
  ['application/json; charset=utf-8', 202],
])('a body sent as %s is answered with %d', async (contentType, status) => {
  const answer = await api.send(
    'POST',
    '/api/v1/vms',
    { name: `typed-${status}`, spec: least },
    { 'Content-Type': contentType },
  )
  expect(answer.status).toBe(status)
  if (status === 415) expect(answer.body).toMatchObject({ reason: 'UNSUPPORTED_MEDIA_TYPE' })
  before = await everything(api.database)
})

test('a body without a content type is refused', async () => {
  const response = await api.app.request('/api/v1/vms', {
    method: 'POST',
    body: new TextEncoder().encode(JSON.stringify({ name: 'untyped', spec: least })),
  })
  expect(response.status).toBe(415)
})

test('a body of 10 MB is refused, with and without a length', async () => {
  const body = JSON.stringify({ name: 'large', description: 'x'.repeat(10_000_000), spec: least })
  const declared = await api.send('POST', '/api/v1/vms', body, { 'Content-Length': String(body.length) })
  const streamed = await api.send('POST', '/api/v1/vms', body, { 'Transfer-Encoding': 'chunked' })
  for (const answer of [declared, streamed]) {
    expect(answer).toMatchObject({ status: 413, body: { code: 'invalid_argument', reason: 'BODY_TOO_LARGE' } })
  }
  expect(await everything(api.database)).toEqual(before)
})
