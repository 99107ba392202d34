import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ApiServer, serveApi } from '#api/serve.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { testSecretBox } from '#test/support/secret-box.ts'
import { aNode, anOperation, aVm, endOperation, recordingDoorbell, recordingLog, wantedVm } from './test-api.ts'

const database = await createTestDatabase()
const doorbell = recordingDoorbell()
const deps = {
  database,
  doorbell,
  queueBackend: 'redis',
  secretBox: testSecretBox,
  maxSnapshots: 32,
  log: recordingLog(),
} as const

let server: ApiServer
beforeAll(async () => {
  server = await serveApi(deps, { port: 0 })
})
afterAll(() => server.close())

const postVm = (body: Uint8Array | ReadableStream | string, url = server.url) =>
  fetch(`${url}/api/v1/vms`, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json' },
    duplex: 'half',
  } as RequestInit)

test('a body of 10 MB over the wire is refused, declared or streamed, and the server goes on', async () => {
  const megabyte = new Uint8Array(1_000_000).fill(0x20)
  const streamed = new ReadableStream({
    start(controller) {
      for (let count = 0; count < 10; count++) controller.enqueue(megabyte)
      controller.close()
    },
  })
  for (const body of [new Uint8Array(10_000_000).fill(0x20), streamed]) {
    const answer = await postVm(body)
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject({ code: 'invalid_argument', reason: 'BODY_TOO_LARGE' })
  }
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
})

test('a request that is not HTTP does not disturb the others', async () => {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  const answer = await new Promise<string>((resolve) => {
    let text = ''
    socket.on('data', (data) => {
      text += data
    })
    socket.on('close', () => resolve(text))
    socket.end('\x16\x03\x01 not http\r\n\r\n')
  })
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
})

test('the documentation page loads nothing from elsewhere, and all that it loads is there', async () => {
  const page = await fetch(`${server.url}/docs`)
  const html = await page.text()
  expect(page.headers.get('content-type')).toMatch(/^text\/html/)
  expect(html).not.toMatch(/https?:/)
  const loaded = [...html.matchAll(/(?:href|src)="([^"]+)"|url: '([^']+)'/g)].map(([, a, b]) => a ?? b)
  expect(loaded).toEqual(['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/openapi.json'])
  for (const path of loaded) {
    const part = await fetch(server.url + path)
    expect(part.status, path).toBe(200)
    expect((await part.text()).length).toBeGreaterThan(10_000)
  }
})

test('a list is compressed for a client that asks for it, and a single resource is not', async () => {
  const vm = await aVm({ database, node: await aNode(database) })
  const list = `${server.url}/api/v1/vms`
  const encodings = ['gzip', 'identity'] as const
  const [compressed, plain] = await Promise.all(
    encodings.map((encoding) => fetch(list, { headers: { 'accept-encoding': encoding } })),
  )
  expect([compressed, plain].map((answer) => answer?.headers.get('content-encoding'))).toEqual(['gzip', null])
  expect([compressed, plain].map((answer) => answer?.headers.get('vary'))).toEqual([
    'Accept-Encoding',
    'Accept-Encoding',
  ])
  expect(await compressed?.json()).toEqual(await plain?.json())
  const one = await fetch(`${list}/${vm.id}`, { headers: { 'accept-encoding': 'gzip' } })
  expect(one.headers.get('content-encoding')).toBeNull()
  expect(await one.json()).toMatchObject({ id: vm.id })
})

test('the document that is served is the one that is committed', async () => {
  const served = await (await fetch(`${server.url}/openapi.json`)).json()
  const { default: committed } = await import('#openapi/openapi.json', { with: { type: 'json' } })
  expect(served).toEqual(committed)
})

test('a server that closes lets a waiting request end, rings what is to be rung, and takes no more', async () => {
  const own = await serveApi(deps, { port: 0 })
  const vm = await aVm({ database, node: await aNode(database) })
  const operation = await anOperation({ database }, vm)
  const waiting = fetch(`${own.url}/api/v1/operations/${operation.id}?wait=20`)
  const created = await postVm(JSON.stringify(wantedVm()), own.url)
  const { operation: made } = (await created.json()) as { operation: { id: string } }
  const closed = own.close()
  await expect(fetch(`${own.url}/healthz`)).rejects.toThrow()
  await endOperation(database, operation.id, null)
  expect(await (await waiting).json()).toMatchObject({ id: operation.id, done: true })
  await closed
  expect(doorbell.rings.map(({ id }) => id)).toContain(made.id)
})

test('a server whose grace is over ends what still waits', async () => {
  const own = await serveApi(deps, { port: 0 })
  const operation = await anOperation({ database }, await aVm({ database, node: await aNode(database) }))
  const waiting = fetch(`${own.url}/api/v1/operations/${operation.id}?wait=30`)
  waiting.catch(() => {})
  await fetch(`${own.url}/healthz`)
  await own.close(50)
  await expect(waiting).rejects.toThrow()
})

test('a port that is taken is refused', async () => {
  const port = Number(new URL(server.url).port)
  await expect(serveApi(deps, { port })).rejects.toThrow('EADDRINUSE')
})
