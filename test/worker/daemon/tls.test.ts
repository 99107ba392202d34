import { randomUUID } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { connect, type Server, type Socket } from 'node:net'
import { credentials, status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { validFor } from '#infra/quantix/certificates/issue.ts'
import { until } from '#infra/until.ts'
import { toldError } from '#proto/grpc-error.ts'
import { readCertificateFiles } from '#proto/tls/certificates.ts'
import { explainConnection } from '#proto/tls/handshake-problems.ts'
import { openServer } from '#worker/daemon/server.ts'
import { connectionsMax } from '#worker/daemon/tls-listener.ts'
import { anAuthority, expired } from '../../proto/tls/authority.ts'
import { aControlPlane, aSecureClient, aTlsNode, healthOf, statusOf } from './tls-node.ts'

const nodeId = randomUUID()
/** Methods of every service that a node has, and of none. */
const anyMethod = [
  '/limiquantix.node.v1.NodeDaemonService/HealthCheck',
  '/grpc.health.v1.Health/Check',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/no.Such/Method',
]

async function anyone(directory: string | null, ca: string) {
  const files = directory === null ? null : await readCertificateFiles(directory)
  // Whoever wants in does not mind to whom he speaks.
  const verify = { checkServerIdentity: () => undefined }
  const [key, cert] = [files && Buffer.from(files.key), files && Buffer.from(files.cert)]
  return credentials.createSsl(Buffer.from(ca), key, cert, verify)
}

test('the control plane and its node speak by mutual TLS', async () => {
  const ca = await anAuthority()
  const node = await aTlsNode(await ca.directory(nodeId), nodeId)
  const { credentialsOf } = await aControlPlane(await ca.directory(null))
  expect(await healthOf(aSecureClient(node.port, credentialsOf(nodeId)))).toMatchObject({ nodeId })
})

test.each([
  ['of another CA', 'CLIENT_CERTIFICATE_REFUSED', 'is of a CA that is not trusted'],
  ['that has expired', 'CLIENT_CERTIFICATE_REFUSED', 'has expired'],
  ['of a node', 'CLIENT_CERTIFICATE_REFUSED', 'is for the other end'],
  ['of nothing', 'CLIENT_CERTIFICATE_MISSING', 'none was shown'],
])('a node answers no method of any service to a client with the certificate %s', async (whose, reason, text) => {
  const ca = await anAuthority()
  const other = await anAuthority()
  const node = await aTlsNode(await ca.directory(nodeId), nodeId)
  const directories: Record<string, string> = {
    'of another CA': await other.directory(null),
    'that has expired': await ca.directory(null, expired),
    'of a node': await ca.directory(randomUUID()),
  }
  const client = await anyone(directories[whose] ?? null, ca.cert)
  for (const method of anyMethod) {
    const refused = await statusOf(node.port, client, method)
    expect(refused).toMatchObject({ code: status.UNAUTHENTICATED, details: expect.stringContaining(text) })
    expect(refused && toldError(refused)).toMatchObject({ code: 'unauthenticated', reason })
  }
  expect(node.warnings()).toMatchObject(anyMethod.map(() => ({ client: expect.any(String), reason })))
})

test('a client whose certificate could call, but is not the control plane of this trust domain, is refused by its identity', async () => {
  const ca = await anAuthority()
  const node = await aTlsNode(await ca.directory(nodeId), nodeId)
  const identity = { trustDomain: 'elsewhere.test', nodeId: null }
  const client = await anyone(await ca.directory(null, { identity }), ca.cert)
  for (const method of anyMethod) {
    const refused = await statusOf(node.port, client, method)
    expect(refused).toMatchObject({
      code: status.PERMISSION_DENIED,
      details: expect.stringContaining('elsewhere.test'),
    })
    expect(refused && toldError(refused)).toMatchObject({ reason: 'NOT_THE_CONTROL_PLANE' })
  }
})

test.each([
  ['of another node', 'who answers there is node', `in quantix.test, and not node ${nodeId} in quantix.test`],
  ['of another CA', 'self-signed certificate', 'of a CA that is not trusted'],
  ['that has expired', 'certificate has expired', 'has expired'],
  ['of the control plane', 'unsuitable certificate purpose', 'is for the other end'],
])('the control plane asks nothing of who answers for a node with the certificate %s', async (whose, text, meaning) => {
  const ca = await anAuthority()
  const other = await anAuthority()
  const someone = randomUUID()
  const directories: Record<string, [string, string | null]> = {
    'of another node': [await ca.directory(someone), someone],
    'of another CA': [await other.directory(nodeId), nodeId],
    'that has expired': [await ca.directory(nodeId, expired), nodeId],
    'of the control plane': [await ca.directory(null), null],
  }
  const [directory, whoever] = directories[whose] ?? ['', null]
  const impostor = await aTlsNode(directory, whoever as string)
  const { credentialsOf } = await aControlPlane(await ca.directory(null))
  const refused = await healthOf(aSecureClient(impostor.port, credentialsOf(nodeId))).catch((error) => error)
  expect(refused).toMatchObject({ code: status.UNAVAILABLE, details: expect.stringContaining(text) })
  expect(explainConnection(refused.details)?.meaning).toContain(meaning)
})

test('a client without TLS gets nothing from a node with TLS, and the log says why', async () => {
  const ca = await anAuthority()
  const node = await aTlsNode(await ca.directory(nodeId), nodeId)
  const refused = healthOf(aSecureClient(node.port, credentials.createInsecure()))
  await expect(refused).rejects.toMatchObject({ code: status.UNAVAILABLE })
  expect(node.warnings()[0]?.msg).toContain('it speaks without TLS. Give both ends certificates, or neither')
})

test('a control plane with TLS asks nothing of a node without TLS, and can say why', async ({ onTestFinished }) => {
  const ca = await anAuthority()
  const server = await openServer({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close(100))
  const { credentialsOf } = await aControlPlane(await ca.directory(null))
  const refused = await healthOf(aSecureClient(server.port, credentialsOf(nodeId))).catch((error) => error)
  expect(explainConnection(refused.details)?.meaning).toBe('it speaks without TLS')
})

test('who speaks anything but TLS to a node is hung up on', async () => {
  const ca = await anAuthority()
  const node = await aTlsNode(await ca.directory(nodeId), nodeId)
  const socket = connect(node.port, '127.0.0.1')
  let closed = false
  socket.on('close', () => {
    closed = true
  })
  socket.write('GET / HTTP/1.1\r\n\r\n')
  socket.resume()
  expect(await until(() => closed, 5000)).toBe(true)
})

test('a connection ends with the certificate that it was let in with', async () => {
  const ca = await anAuthority()
  const node = await aTlsNode(await ca.directory(nodeId), nodeId)
  const { notBefore } = validFor(1)
  const notAfter = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000)
  const { credentialsOf } = await aControlPlane(await ca.directory(null, { notBefore, notAfter }))
  const client = aSecureClient(node.port, credentialsOf(nodeId))
  await healthOf(client)
  expect(
    await until(async () => (await healthOf(client).catch(({ code }) => code)) === status.UNAUTHENTICATED, 5000),
  ).toBe(true)
  expect(Date.now()).toBeGreaterThan(notAfter.getTime())
})

test('a node whose system can take no connection for a while stays, says so, and takes the next ones', async () => {
  const ca = await anAuthority()
  const node = await aTlsNode(await ca.directory(nodeId), nodeId)
  const { credentialsOf } = await aControlPlane(await ca.directory(null))
  const listening = serverOf(node.port)
  await healthOf(aSecureClient(node.port, credentialsOf(nodeId)))
  const server = await listening
  for (const _ of [1, 2]) server.emit('error', Object.assign(new Error('accept ENFILE'), { code: 'ENFILE' }))
  expect(node.warnings()).toMatchObject([1, 2].map(() => ({ err: { code: 'ENFILE' } })))
  await healthOf(aSecureClient(node.port, credentialsOf(nodeId)))
})

test('a node holds so many connections and no more, and takes others when some have gone', async () => {
  const ca = await anAuthority()
  const node = await aTlsNode(await ca.directory(nodeId), nodeId)
  const { credentialsOf } = await aControlPlane(await ca.directory(null))
  const held = Array.from({ length: connectionsMax }, () => connect(node.port, '127.0.0.1'))
  await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
  const client = aSecureClient(node.port, credentialsOf(nodeId))
  await expect(healthOf(client)).rejects.toMatchObject({ code: status.UNAVAILABLE })
  for (const socket of held) socket.destroy()
  expect(await until(() => healthOf(client).then(Boolean, () => false), 10_000)).toBe(true)
})

/** What listens on the port of this process, once it has taken its next connection. */
function serverOf(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const take = (message: unknown) => {
      const { socket } = message as { socket: Socket & { server: Server } }
      if (socket.localPort !== port) return
      unsubscribe('net.server.socket', take)
      resolve(socket.server)
    }
    subscribe('net.server.socket', take)
  })
}
