import { once } from 'node:events'
import { status } from '@grpc/grpc-js'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { eventually } from '#test/db/eventually.ts'
import { openServer } from '#worker/daemon/server.ts'
import { serverStream } from '#worker/daemon/server-stream.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aClient, aDaemon, aStateDirectory, aVmRequest, call, type OnTestFinished, stream } from './daemon.ts'

/** A daemon with one VM that runs. */
async function start(onTestFinished: OnTestFinished) {
  const asked = { looks: 0 }
  const hypervisor = createSimulatedHypervisor({
    shutdownMs: 1,
    onCall: (name, moment) => {
      if (name === 'measureVms' && moment === 'before') asked.looks++
    },
  })
  const daemon = await aDaemon(hypervisor, aStateDirectory(onTestFinished))
  onTestFinished(() => daemon.close())
  const { client } = daemon
  const vm = aVmRequest('web')
  const { vmId } = vm
  await call(client, 'CreateVM', vm)
  await call(client, 'StartVM', { vmId })
  const events = async () => {
    const opened = stream(client, 'StreamEvents', {})
    await opened.begun
    return opened
  }
  return { ...daemon, hypervisor, vmId, asked, events }
}

test('figures of the node and its running VMs come until their reader goes away, and nobody is asked any more', async ({
  onTestFinished,
}) => {
  const { client, vmId, asked } = await start(onTestFinished)
  const stopped = aVmRequest('stopped')
  await call(client, 'CreateVM', stopped)
  const metrics = stream(client, 'StreamMetrics', { intervalSeconds: 1 })
  await eventually(() => metrics.messages.length >= 2)
  const [first, second] = metrics.messages
  expect(first?.vms).toMatchObject([{ vmId, name: 'web', cpuUsagePercent: 0, diskReadBytes: 0 }])
  expect(first?.memoryTotalBytes).toBeGreaterThan(first?.memoryUsedBytes ?? Number.NaN)
  for (const { cpuUsagePercent } of metrics.messages) {
    expect(cpuUsagePercent).toBeGreaterThanOrEqual(0)
    expect(cpuUsagePercent).toBeLessThanOrEqual(100)
  }
  expect(Number(second?.timestamp?.seconds)).toBeGreaterThanOrEqual(Number(first?.timestamp?.seconds))

  metrics.cancel()
  expect(await metrics.ended).toMatchObject({ code: status.CANCELLED })
  const before = asked.looks
  const other = stream(client, 'StreamMetrics', { intervalSeconds: 1 })
  await eventually(() => other.messages.length >= 2)
  // Its own look at the beginning, and one for each message.
  expect(asked.looks - before).toBeLessThanOrEqual(3)
  other.cancel()
})

test('many streams of figures ask the node no more often than one', async ({ onTestFinished }) => {
  const { client, asked } = await start(onTestFinished)
  const before = asked.looks
  const streams = Array.from({ length: 20 }, () => stream(client, 'StreamMetrics', { intervalSeconds: 1 }))
  await eventually(() => streams.every(({ messages }) => messages.length > 0))
  for (const { cancel } of streams) cancel()
  expect(asked.looks - before).toBeLessThanOrEqual(4)
})

test('an interval that is too long is refused', async ({ onTestFinished }) => {
  const { client } = await start(onTestFinished)
  expect(await stream(client, 'StreamMetrics', { intervalSeconds: 3601 }).ended).toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining('interval_seconds'),
  })
})

test('what happens to VMs is told once and in its order, with what led to it', async ({ onTestFinished }) => {
  const { client, hypervisor, vmId, events } = await start(onTestFinished)
  const { messages } = await events()
  await call(client, 'PauseVM', { vmId })
  await call(client, 'ResumeVM', { vmId })
  const { snapshotId } = await call(client, 'CreateSnapshot', { vmId, name: 'one', diskOnly: true })
  hypervisor.changeAgent(vmId, { agentCame: true })
  hypervisor.changeAgent(vmId, { agentWent: true })
  hypervisor.changeAgent(vmId, { agentWent: true })
  hypervisor.changeUnasked(vmId, 'PAUSED', 'io-error')
  hypervisor.changeUnasked(vmId, 'STOPPED', 'crashed')
  await call(client, 'RevertSnapshot', { vmId, snapshotId })
  await call(client, 'DeleteSnapshot', { vmId, snapshotId })
  await call(client, 'StartVM', { vmId })
  await call(client, 'StopVM', { vmId })
  await eventually(() => messages.at(-1)?.type === 'EVENT_TYPE_VM_STOPPED')
  expect(
    messages.map(({ type, metadata }) => [type?.replace('EVENT_TYPE_', ''), ...Object.values(metadata ?? {})]),
  ).toEqual([
    ['VM_PAUSED', 'paused'],
    ['VM_RESUMED', 'resumed'],
    ['SNAPSHOT_CREATED', snapshotId],
    ['AGENT_CONNECTED'],
    ['AGENT_DISCONNECTED'],
    ['VM_PAUSED', 'io-error'],
    ['VM_CRASHED', 'crashed'],
    ['SNAPSHOT_REVERTED', snapshotId],
    ['SNAPSHOT_DELETED', snapshotId],
    ['VM_STARTED', 'started'],
    ['VM_STOPPED', 'shutdown'],
  ])
  expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length)
  for (const event of messages) expect(event.vmId).toBe(vmId)
})

test('what happens to domains that are none of the VMs is not told', async ({ onTestFinished }) => {
  const { hypervisor, vmId, events } = await start(onTestFinished)
  const { messages } = await events()
  const foreign = { ...structuredClone(hypervisor.contents.vms[vmId]?.definition), vmId: crypto.randomUUID() }
  await hypervisor.defineVm({ ...foreign, name: 'foreign' } as never)
  await hypervisor.startVm(foreign.vmId)
  hypervisor.rebootUnasked(vmId)
  await eventually(() => messages.length > 0)
  expect(messages.map((event) => event.vmId)).toEqual([vmId])
})

test('a reader that is slower than what happens loses the stream and not the memory of the node', async ({
  onTestFinished,
}) => {
  const { hypervisor, vmId, events } = await start(onTestFinished)
  const [slow, quick] = [await events(), await events()]
  slow.pause()
  const many = 20_000
  for (let count = 1; count <= many; count++) {
    hypervisor.rebootUnasked(vmId)
    if (count % 500 === 0) await eventually(() => quick.messages.length >= count)
  }
  slow.resume()
  expect(await slow.ended).toMatchObject({ code: status.RESOURCE_EXHAUSTED })
  expect(slow.messages.length).toBeGreaterThan(1000)
  expect(slow.messages.length).toBeLessThan(many)
  expect(quick.messages).toHaveLength(many)
  quick.cancel()
})

test('who follows the events learns that some may have been lost', async ({ onTestFinished }) => {
  const { hypervisor, events } = await start(onTestFinished)
  const { ended } = await events()
  hypervisor.loseEvents()
  expect(await ended).toMatchObject({ code: status.UNAVAILABLE, details: expect.stringContaining('look at all VMs') })
})

test('a stream whose reader goes away ends, also where there is nothing to send', async ({ onTestFinished }) => {
  const server = await openServer({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close(100))
  const client = aClient(server.port)
  onTestFinished(() => client.close())
  let state = 'not begun'
  async function* silence(_: unknown, signal: AbortSignal) {
    state = 'begun'
    await once(signal, 'abort')
    state = 'ended'
    yield {}
  }
  const { signal: stopping } = new AbortController()
  server.serve({ StreamEvents: serverStream(silence, { stopping, log: pino({ level: 'silent' }) }) })
  const { cancel } = stream(client, 'StreamEvents', {})
  await eventually(() => state === 'begun')
  cancel()
  await eventually(() => state === 'ended')
})

test('a stream that is asked for while the daemon starts ends with UNAVAILABLE', async ({ onTestFinished }) => {
  const server = await openServer({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close(100))
  const client = aClient(server.port)
  onTestFinished(() => client.close())
  expect(await stream(client, 'StreamEvents', {}).ended).toMatchObject({ code: status.UNAVAILABLE })
})

test('a daemon that stops says so to whom it streams', async ({ onTestFinished }) => {
  const { client, close, events } = await start(onTestFinished)
  const metrics = stream(client, 'StreamMetrics', { intervalSeconds: 1 })
  await eventually(() => metrics.messages.length > 0)
  const opened = [metrics, await events()]
  await close()
  for (const { ended } of opened) {
    expect(await ended).toMatchObject({ code: status.UNAVAILABLE, details: expect.stringContaining('stops') })
  }
})
