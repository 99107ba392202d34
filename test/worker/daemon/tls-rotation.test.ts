import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { crossSign } from '#infra/quantix/certificates/issue.ts'
import { until } from '#infra/until.ts'
import type { NodeDaemonServiceClient } from '#proto/gen/limiquantix/node/v1/NodeDaemonService.ts'
import { anAuthority } from '../../proto/tls/authority.ts'
import { aControlPlane, aSecureClient, aTlsNode, peersOf } from './tls-node.ts'

const nodeId = randomUUID()

/** Calls without a pause, several at a time, until the test ends. What they saw of both ends is kept, and every failure. */
function traffic(client: NodeDaemonServiceClient) {
  const seen = { calls: 0, failures: [] as unknown[], node: '', controlPlane: '' }
  let stopped = false
  onTestFinished(() => {
    stopped = true
  })
  const caller = async () => {
    // One failure is enough to know.
    while (!stopped && seen.failures.length === 0) {
      try {
        Object.assign(seen, await peersOf(client))
        seen.calls++
      } catch (error) {
        if (!stopped) seen.failures.push(error)
      }
    }
  }
  for (let count = 0; count < 8; count++) void caller()
  const settled = async (condition: () => boolean) => {
    const before = seen.calls
    const met = await until(() => condition() && seen.calls > before + 50, 10_000)
    expect(seen.failures).toEqual([])
    return met
  }
  return { seen, settled }
}

test('renewed certificates of a node and of the control plane are taken up under traffic, and no call fails', async () => {
  const ca = await anAuthority()
  const [nodeDirectory, controlPlaneDirectory] = [await ca.directory(nodeId), await ca.directory(null)]
  const node = await aTlsNode(nodeDirectory, nodeId)
  const controlPlane = await aControlPlane(controlPlaneDirectory)
  const { seen, settled } = traffic(aSecureClient(node.port, controlPlane.credentialsOf(nodeId)))
  await settled(() => true)
  const before = { ...seen }

  await ca.issueInto(controlPlaneDirectory, null)
  expect(await until(() => controlPlane.messages().includes('new TLS certificates are in use'), 5000)).toBe(true)
  await ca.issueInto(nodeDirectory, nodeId)
  expect(await settled(() => seen.node !== before.node && seen.controlPlane !== before.controlPlane)).toBe(true)
})

test('a CA takes the place of another under traffic, whichever end learns of it first, and no call fails', async () => {
  const [old, next] = [await anAuthority(), await anAuthority()]
  const between = await crossSign(next.cert, old)
  const both = { trusts: `${next.cert}${old.cert}`, between }
  const ids = [nodeId, randomUUID()] as const
  const directories = [await old.directory(ids[0]), await old.directory(ids[1])] as const
  const controlPlaneDirectory = await old.directory(null)
  const controlPlane = await aControlPlane(controlPlaneDirectory)
  const taken = () => controlPlane.messages().filter((text) => text === 'new TLS certificates are in use').length
  const flows = []
  for (const [index, id] of ids.entries()) {
    const node = await aTlsNode(directories[index] as string, id)
    flows.push(traffic(aSecureClient(node.port, controlPlane.credentialsOf(id))))
  }
  const [first, second] = flows as [(typeof flows)[0], (typeof flows)[0]]
  const before = [first.seen.node, second.seen.node]

  // One node before the control plane, the other after it.
  await next.issueInto(directories[0], ids[0], both)
  expect(await first.settled(() => first.seen.node !== before[0])).toBe(true)
  await next.issueInto(controlPlaneDirectory, null, both)
  expect(await until(() => taken() === 1, 5000)).toBe(true)
  await next.issueInto(directories[1], ids[1], both)
  expect(await second.settled(() => second.seen.node !== before[1])).toBe(true)

  // Then nobody needs the old one.
  await next.issueInto(controlPlaneDirectory, null)
  expect(await until(() => taken() === 2, 5000)).toBe(true)
  const last = [first.seen.node, second.seen.node]
  await next.issueInto(directories[0], ids[0])
  await next.issueInto(directories[1], ids[1])
  expect(await first.settled(() => first.seen.node !== last[0])).toBe(true)
  expect(await second.settled(() => second.seen.node !== last[1])).toBe(true)
})

test('a stream outlives a renewal of the node, but not the CA that its client was let in by', async () => {
  const [ca, next] = [await anAuthority(), await anAuthority()]
  const directory = await ca.directory(nodeId)
  const node = await aTlsNode(directory, nodeId)
  const controlPlane = await aControlPlane(await ca.directory(null))
  const asIs = (content: Buffer) => content
  const stream = aSecureClient(node.port, controlPlane.credentialsOf(nodeId)).makeServerStreamRequest(
    '/grpc.health.v1.Health/Watch',
    asIs,
    asIs,
    Buffer.alloc(0),
  )
  const seen = { messages: 0, end: null as Error | null }
  stream.on('data', () => seen.messages++).on('error', (error) => Object.assign(seen, { end: error }))
  expect(await until(() => seen.messages === 1, 5000)).toBe(true)

  const taken = () => node.messages().filter((text) => text === 'new TLS certificates are in use').length
  await ca.issueInto(directory, nodeId)
  expect(await until(() => taken() === 1, 5000)).toBe(true)
  node.setServing(true)
  expect(await until(() => seen.messages === 2, 5000)).toBe(true)

  await next.issueInto(directory, nodeId)
  expect(await until(() => seen.end !== null, 10_000)).toBe(true)
  expect(taken()).toBe(2)
})
