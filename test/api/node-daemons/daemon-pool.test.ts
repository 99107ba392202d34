import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { eventually } from '#test/db/eventually.ts'
import { aPool, until } from './a-pool.ts'
import { aFakeDaemon } from './fake-daemon.ts'

const vm = { vmId: '0190c6f2-6f0e-7cc1-8f0a-3d3b8b1f4a01' }

test('a node is asked by the names of its methods, and answers', async ({ onTestFinished }) => {
  const [fake, pool] = [await aFakeDaemon(onTestFinished), aPool(onTestFinished)]
  fake.behaviours.GetVMStatus = ({ request }) => ({ vmId: request.vmId, state: 'POWER_STATE_RUNNING' })
  pool.connect(fake.nodeId, fake.address)
  expect(await pool.get(fake.nodeId)?.call.GetVMStatus(vm)).toMatchObject({ ...vm, state: 'POWER_STATE_RUNNING' })
  expect(pool.get(fake.nodeId)).toMatchObject({ state: 'CONNECTED', message: '', address: fake.address })
})

test('what a node refuses is told in its own words, with its code, reason and details', async ({ onTestFinished }) => {
  const [fake, pool] = [await aFakeDaemon(onTestFinished), aPool(onTestFinished)]
  const refusal = new AppError('failed_precondition', 'The VM is\nstopped.', {
    reason: 'WRONG_VM_STATE',
    details: { state: 'STOPPED', actions: ['start'], attempts: 3 },
  })
  fake.behaviours.PauseVM = () => refusal
  const { call } = pool.connect(fake.nodeId, fake.address)
  const { code, message, reason, details } = refusal
  for (let again = 0; again < 5; again++) {
    await expect(call.PauseVM(vm)).rejects.toMatchObject({ code, message, reason, details })
  }
  expect(pool.get(fake.nodeId)?.state).toBe('CONNECTED')
})

test('a node that says it is another one is asked for nothing, until it is the right one', async ({
  onTestFinished,
}) => {
  const [fake, pool] = [await aFakeDaemon(onTestFinished), aPool(onTestFinished)]
  fake.claims = 'another'
  const daemon = pool.connect(fake.nodeId, fake.address)
  await expect(daemon.call.StartVM(vm)).rejects.toMatchObject({
    code: 'unavailable',
    reason: 'NODE_DAEMON_UNREACHABLE',
    message: expect.stringContaining('another'),
  })
  expect(daemon.state).toBe('WRONG_NODE')
  expect(await pool.reach(fake.nodeId)).toBeNull()
  await fake.network.cut()
  await until(daemon, 'UNREACHABLE')
  fake.claims = fake.nodeId
  await fake.network.restore()
  await until(daemon, 'CONNECTED')
  await daemon.call.StartVM(vm)
  expect(fake.asked.filter((name) => name !== 'HealthCheck')).toEqual(['StartVM'])
})

test('who answers at an address is asked again whenever the connection was lost', async ({ onTestFinished }) => {
  const [fake, other] = [await aFakeDaemon(onTestFinished), await aFakeDaemon(onTestFinished)]
  const daemon = aPool(onTestFinished).connect(fake.nodeId, fake.address)
  await daemon.call.StartVM(vm)
  await fake.network.cut()
  await fake.network.restore(other.network.url)
  await eventually(() => other.asked.length > 0)
  await expect(daemon.call.StartVM(vm)).rejects.toMatchObject({ reason: 'NODE_DAEMON_UNREACHABLE' })
  expect(other.asked).not.toContain('StartVM')
})

test('a node that has moved is dialled where it is now, and the old connection is closed', async ({
  onTestFinished,
}) => {
  const [fake, pool] = [await aFakeDaemon(onTestFinished), aPool(onTestFinished)]
  const moved = await aFakeDaemon(onTestFinished)
  moved.claims = fake.nodeId
  await pool.connect(fake.nodeId, fake.address).call.StartVM(vm)
  expect(pool.connect(fake.nodeId, fake.address)).toBe(pool.get(fake.nodeId))
  await pool.connect(fake.nodeId, moved.address).call.StartVM(vm)
  expect(moved.asked).toContain('StartVM')
  await eventually(() => fake.network.connections() === 0)
})

test('a stream gives what comes, and its end is told to the node', async ({ onTestFinished }) => {
  const [fake, pool] = [await aFakeDaemon(onTestFinished), aPool(onTestFinished)]
  const { call } = pool.connect(fake.nodeId, fake.address)
  const messages: string[] = []
  for await (const { message } of call.StreamEvents({})) {
    messages.push(message)
    if (messages.length === 2) break
  }
  expect(messages).toEqual(['first', 'second'])
  await eventually(() => fake.cancelled.includes('StreamEvents'))

  const endless = (async () => {
    for await (const _ of call.StreamEvents({})) fake.network.drop()
  })()
  await expect(endless).rejects.toMatchObject({ code: 'unavailable', reason: 'NODE_CONNECTION_LOST' })
})

test('who leaves ends the call, on the node as well', async ({ onTestFinished }) => {
  const [fake, pool] = [await aFakeDaemon(onTestFinished), aPool(onTestFinished)]
  fake.behaviours.PingAgent = () => 'nothing'
  const leaving = new AbortController()
  const { call, state } = pool.connect(fake.nodeId, fake.address)
  expect(state).toBe('CONNECTING')
  const ping = call.PingAgent(vm, { signal: leaving.signal })
  await eventually(() => fake.asked.includes('PingAgent'))
  leaving.abort(new Error('the user left'))
  await expect(ping).rejects.toThrow('the user left')
  await eventually(() => fake.cancelled.includes('PingAgent'))
  await expect(call.StartVM(vm, { signal: leaving.signal })).rejects.toThrow('the user left')
  expect(fake.asked).not.toContain('StartVM')
})

test('calls are counted by method, with how they ended and how long they took', async ({ onTestFinished }) => {
  const [fake, pool] = [await aFakeDaemon(onTestFinished), aPool(onTestFinished)]
  fake.behaviours.StopVM = () => new AppError('not_found', 'No such VM.')
  const { call } = pool.connect(fake.nodeId, fake.address)
  await call.StartVM(vm)
  await call.StartVM(vm)
  await call.StopVM(vm).catch(() => {})
  const { nodes, methods, latencyBounds } = pool.snapshot()
  expect(nodes).toEqual([{ nodeId: fake.nodeId, address: fake.address, state: 'CONNECTED', message: '' }])
  expect(methods.StartVM).toMatchObject({ calls: 2, byCode: { OK: 2 } })
  expect(methods.StopVM).toMatchObject({ calls: 1, byCode: { NOT_FOUND: 1 } })
  expect(methods.StartVM?.byLatency).toHaveLength(latencyBounds.length + 1)
  expect(methods.StartVM?.byLatency.reduce((sum, count) => sum + count)).toBe(2)
})
