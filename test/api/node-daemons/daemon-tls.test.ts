import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import type { PoolTimes } from '#api/node-daemons/channel.ts'
import { createDaemonPool } from '#api/node-daemons/daemon-pool.ts'
import type { NodeDaemon } from '#api/node-daemons/node-daemon.ts'
import { until } from '#infra/until.ts'
import { startProxy } from '#test/db/proxy.ts'
import { anAuthority } from '#test/proto/tls/authority.ts'
import { aControlPlane, aTlsNode } from '#test/worker/daemon/tls-node.ts'

/** The control plane's pool with the certificates of a directory. */
async function aSecurePool(directory: string, given: Partial<PoolTimes> = {}) {
  const { certificates, credentialsOf } = await aControlPlane(directory)
  const times = { checkMs: 200, answerMs: 5000, firstPauseMs: 30, longestPauseMs: 120, ...given }
  const pool = createDaemonPool({ credentials: credentialsOf, log: pino({ level: 'silent' }), times })
  onTestFinished(() => pool.close())
  return { pool, certificates }
}

const settled = (daemon: NodeDaemon) => until(() => daemon.state !== 'CONNECTING', 10_000)

test('a pool calls a node by mutual TLS, and no call fails while both get new certificates', async () => {
  const ca = await anAuthority()
  const nodeId = randomUUID()
  const [nodeDirectory, ownDirectory] = [await ca.directory(nodeId), await ca.directory(null)]
  const node = await aTlsNode(nodeDirectory, nodeId)
  const { pool, certificates } = await aSecurePool(ownDirectory)
  const daemon = pool.connect(nodeId, `127.0.0.1:${node.port}`)
  const seen = new Set<string>()
  const failures: unknown[] = []
  let calls = 0
  let stopped = false
  const caller = async () => {
    // One failure is enough to know.
    while (!stopped && failures.length === 0) {
      try {
        // The certificate by which the node knew its caller.
        seen.add((await daemon.call.HealthCheck({})).version)
        calls++
      } catch (error) {
        failures.push(error)
      }
    }
  }
  const callers = Array.from({ length: 8 }, caller)

  for (let renewals = 1; renewals <= 3; renewals++) {
    const own = certificates.current
    await ca.issueInto(ownDirectory, null)
    expect(await until(() => certificates.current !== own, 5000)).toBe(true)
    await ca.issueInto(nodeDirectory, nodeId)
    expect(await until(() => seen.size === renewals + 1, 10_000)).toBe(true)
  }
  const before = calls
  expect(await until(() => calls > before + 100, 10_000)).toBe(true)
  stopped = true
  await Promise.all(callers)
  expect(failures).toEqual([])
})

test('a pool says what is wrong with the certificate of who answers for a node, and what to do', async () => {
  const [ca, other] = [await anAuthority(), await anAuthority()]
  const [nodeId, someone] = [randomUUID(), randomUUID()]
  const impostor = await aTlsNode(await ca.directory(someone), someone)
  const stranger = await aTlsNode(await other.directory(nodeId), nodeId)
  const { pool } = await aSecurePool(await ca.directory(null))

  const misled = pool.connect(nodeId, `127.0.0.1:${impostor.port}`)
  await settled(misled)
  expect(misled).toMatchObject({ state: 'UNREACHABLE', message: expect.stringContaining(`node ${someone}`) })
  expect(misled.message).toContain("look at the node's address")
  const strange = pool.connect(nodeId, `127.0.0.1:${stranger.port}`)
  await settled(strange)
  expect(strange.message).toContain('of a CA that is not trusted here. Issue the certificates of both ends by one CA')
})

test('a pool whose certificate the node refuses tells what the node says', async () => {
  const [ca, other] = [await anAuthority(), await anAuthority()]
  const nodeId = randomUUID()
  const node = await aTlsNode(await ca.directory(nodeId), nodeId)
  // It trusts the node, and the node not it.
  const { pool } = await aSecurePool(await other.directory(null, { trusts: `${other.cert}${ca.cert}` }))
  const daemon = pool.connect(nodeId, `127.0.0.1:${node.port}`)
  await settled(daemon)
  expect(daemon.message).toContain('The client was refused: its certificate is of a CA that is not trusted here')
})

test('a connection that was secured in time is kept', async () => {
  const ca = await anAuthority()
  const nodeId = randomUUID()
  const node = await aTlsNode(await ca.directory(nodeId), nodeId)
  const network = await startProxy(`tcp://127.0.0.1:${node.port}`)
  // So long that ten health checks are made after the time in which a node is to speak.
  const { pool } = await aSecurePool(await ca.directory(null), { checkMs: 200, answerMs: 1000 })
  pool.connect(nodeId, new URL(network.url).host)
  expect(await until(() => (pool.snapshot().methods.HealthCheck?.calls ?? 0) > 10, 10_000)).toBe(true)
  expect([pool.get(nodeId)?.state, network.accepted()]).toEqual(['CONNECTED', 1])
})

test('a node that accepts and does not go on to TLS is given up, and dialled again', async () => {
  const ca = await anAuthority()
  const nodeId = randomUUID()
  const node = await aTlsNode(await ca.directory(nodeId), nodeId)
  const network = await startProxy(`tcp://127.0.0.1:${node.port}`)
  network.swallow()
  const { pool } = await aSecurePool(await ca.directory(null), { answerMs: 300 })
  const daemon = pool.connect(nodeId, new URL(network.url).host)
  expect(await until(() => daemon.state === 'UNREACHABLE', 5000)).toBe(true)
  network.endSwallowing()
  expect(await until(() => daemon.state === 'CONNECTED', 5000)).toBe(true)
})
