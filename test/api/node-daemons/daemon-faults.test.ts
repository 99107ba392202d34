import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test as sequentialTest } from 'vitest'
import { AppError } from '#db/errors.ts'
import { eventually } from '#test/db/eventually.ts'
import { aPool, impatient, until } from './a-pool.ts'
import { aFakeDaemon } from './fake-daemon.ts'

// Most of their time they wait for what a node does not do.
const test = sequentialTest.concurrent

const vm = { vmId: '0190c6f2-6f0e-7cc1-8f0a-3d3b8b1f4a01' }
const unreachable = { code: 'unavailable', reason: 'NODE_DAEMON_UNREACHABLE' }

test('a node that hangs holds up nobody who asks another one', async ({ onTestFinished }) => {
  const [hung, good] = [await aFakeDaemon(onTestFinished), await aFakeDaemon(onTestFinished)]
  const pool = aPool(onTestFinished, { answerMs: 60_000 })
  hung.behaviours.HealthCheck = () => 'nothing'
  const ended: string[] = []
  pool.connect(hung.nodeId, hung.address)
  const waits = pool.reach(hung.nodeId, { timeoutMs: 60_000 }).then(() => ended.push('hung'))
  const { call } = pool.connect(good.nodeId, good.address)
  for (let count = 0; count < 20; count++) {
    await call.GetVMStatus(vm)
    ended.push('answered')
  }
  pool.close()
  await waits
  expect(ended).toEqual([...Array(20).fill('answered'), 'hung'])
})

test('a node that does not answer is given up, is asked for nothing, and comes back by itself', async ({
  onTestFinished,
}) => {
  const fake = await aFakeDaemon(onTestFinished)
  const daemon = aPool(onTestFinished, impatient).connect(fake.nodeId, fake.address)
  await until(daemon, 'CONNECTED')
  fake.behaviours.HealthCheck = () => 'nothing'
  await until(daemon, 'UNREACHABLE')
  await expect(daemon.call.StartVM(vm)).rejects.toMatchObject(unreachable)
  expect(fake.asked).not.toContain('StartVM')
  fake.behaviours = {}
  await until(daemon, 'CONNECTED')
  await daemon.call.StartVM(vm)
})

test('a node that leaves a call unanswered is checked at once, and given up where that hears nothing either', async ({
  onTestFinished,
}) => {
  const fake = await aFakeDaemon(onTestFinished)
  const daemon = aPool(onTestFinished, { ...impatient, checkMs: 60_000 }).connect(fake.nodeId, fake.address)
  await until(daemon, 'CONNECTED')
  fake.behaviours = { StartVM: () => 'nothing', HealthCheck: () => 'nothing' }
  await expect(daemon.call.StartVM(vm, { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'deadline_exceeded',
    reason: 'NODE_DAEMON_NOT_RESPONDING',
  })
  await until(daemon, 'UNREACHABLE')
  await expect(daemon.call.StartVM(vm)).rejects.toMatchObject(unreachable)
  expect(fake.asked.filter((name) => name === 'StartVM')).toHaveLength(1)
})

test('a node whose guests are slow stays connected, and its other calls and other nodes are as quick as ever', async ({
  onTestFinished,
}) => {
  const [slow, good] = [await aFakeDaemon(onTestFinished), await aFakeDaemon(onTestFinished)]
  const pool = aPool(onTestFinished, { checkMs: 60_000 })
  const [daemon, other] = [pool.connect(slow.nodeId, slow.address), pool.connect(good.nodeId, good.address)]
  await until(daemon, 'CONNECTED')
  const guests = Promise.withResolvers<void>()
  slow.behaviours.PingAgent = async () => {
    await guests.promise
    return { connected: true }
  }
  const patient = Promise.all(Array.from({ length: 50 }, () => daemon.call.PingAgent(vm)))
  for (let call = 0; call < 5; call++) {
    const checks = slow.asked.filter((name) => name === 'HealthCheck').length
    await expect(daemon.call.PingAgent(vm, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'deadline_exceeded' })
    await eventually(() => slow.asked.filter((name) => name === 'HealthCheck').length > checks)
    await Promise.all([daemon.call.GetVMStatus(vm), other.call.GetVMStatus(vm)])
    expect(daemon.state).toBe('CONNECTED')
  }
  guests.resolve()
  for (const ping of await patient) expect(ping).toMatchObject({ connected: true })
})

test('what changes something is sent once where the connection breaks, and what only looks is sent again', async ({
  onTestFinished,
}) => {
  const fake = await aFakeDaemon(onTestFinished)
  const daemon = aPool(onTestFinished).connect(fake.nodeId, fake.address)
  await until(daemon, 'CONNECTED')
  const { call } = daemon
  const breakOnce = () => {
    fake.behaviours = {}
    fake.network.drop()
    return 'nothing' as const
  }
  fake.behaviours.StartVM = breakOnce
  await expect(call.StartVM(vm)).rejects.toMatchObject({ code: 'unavailable', reason: 'NODE_CONNECTION_LOST' })
  await eventually(() => call.GetVMStatus(vm).catch(() => null))
  fake.behaviours.GetVMStatus = breakOnce
  await call.GetVMStatus(vm)
  expect(fake.asked.filter((name) => name === 'StartVM')).toHaveLength(1)
})

test('what only looks is sent once where the node itself says that it is not available', async ({ onTestFinished }) => {
  const fake = await aFakeDaemon(onTestFinished)
  const { call } = aPool(onTestFinished).connect(fake.nodeId, fake.address)
  fake.behaviours.PingAgent = () => new AppError('unavailable', 'Try again.', { reason: 'GUEST_AGENT_BUSY' })
  await expect(call.PingAgent(vm)).rejects.toMatchObject({ code: 'unavailable', reason: 'GUEST_AGENT_BUSY' })
  expect(fake.asked.filter((name) => name === 'PingAgent')).toHaveLength(1)
})

test('a node that breaks every connection is dialled ever more rarely, and comes back', async ({ onTestFinished }) => {
  const fake = await aFakeDaemon(onTestFinished)
  const daemon = aPool(onTestFinished, { longestPauseMs: 60_000 }).connect(fake.nodeId, fake.address)
  const begun = performance.now()
  fake.behaviours.HealthCheck = () => {
    fake.network.drop()
    return 'nothing'
  }
  await eventually(() => fake.asked.length >= 6)
  // The five pauses are 30 ms, 48 ms … at least, less a fifth each.
  expect(performance.now() - begun).toBeGreaterThan(0.8 * 30 * (1 + 1.6 + 1.6 ** 2 + 1.6 ** 3 + 1.6 ** 4))
  expect(daemon.state).toBe('UNREACHABLE')
  fake.behaviours = {}
  await until(daemon, 'CONNECTED')
})

test('a connection that is dead and says nothing is found out, and another one takes its place', async ({
  onTestFinished,
}) => {
  const fake = await aFakeDaemon(onTestFinished)
  const daemon = aPool(onTestFinished, impatient).connect(fake.nodeId, fake.address)
  await until(daemon, 'CONNECTED')
  fake.network.swallow()
  await until(daemon, 'UNREACHABLE')
  fake.network.endSwallowing()
  await until(daemon, 'CONNECTED')
  await daemon.call.StartVM(vm)
})

test('a node that accepts and never says a word is given up, and dialled again', async ({ onTestFinished }) => {
  const fake = await aFakeDaemon(onTestFinished)
  fake.network.swallow()
  const daemon = aPool(onTestFinished, impatient).connect(fake.nodeId, fake.address)
  await until(daemon, 'UNREACHABLE')
  fake.network.endSwallowing()
  await until(daemon, 'CONNECTED')
  // The connections that led nowhere are not kept.
  await eventually(() => fake.network.connections() < 2)
})

test('a node where nobody listens is unreachable, with the reason, and reached when somebody does', async ({
  onTestFinished,
}) => {
  const [fake, pool] = [await aFakeDaemon(onTestFinished), aPool(onTestFinished)]
  await fake.network.cut()
  const daemon = pool.connect(fake.nodeId, fake.address)
  expect(await pool.reach(fake.nodeId)).toBeNull()
  expect(daemon).toMatchObject({ state: 'UNREACHABLE', message: `connect ECONNREFUSED ${fake.address}` })
  await fake.network.restore()
  await until(daemon, 'CONNECTED')
  expect(await pool.reach(fake.nodeId)).toBe(daemon)
})

test('closing ends the calls that go on, every connection, and whatever is asked later', async ({ onTestFinished }) => {
  const [fake, silent] = [await aFakeDaemon(onTestFinished), await aFakeDaemon(onTestFinished)]
  // Keepalive would end them as well, later.
  const pool = aPool(onTestFinished, { checkMs: 60_000 })
  silent.network.swallow()
  pool.connect(silent.nodeId, silent.address)
  fake.behaviours.StartVM = () => 'nothing'
  const daemon = pool.connect(fake.nodeId, fake.address)
  const goesOn = daemon.call.StartVM(vm)
  await eventually(() => fake.asked.includes('StartVM') && silent.network.connections() > 0)
  fake.network.swallow()
  pool.close()
  await expect(goesOn).rejects.toMatchObject({ code: 'unavailable', reason: 'NODE_CONNECTION_LOST' })
  await expect(daemon.call.StartVM(vm)).rejects.toMatchObject(unreachable)
  await eventually(() => fake.network.connections() === 0)
  expect(pool.snapshot().nodes).toEqual([])
})

test('a program that has closed its pool ends', async ({ onTestFinished }) => {
  const [fake, silent] = [await aFakeDaemon(onTestFinished), await aFakeDaemon(onTestFinished)]
  const closed = await aFakeDaemon(onTestFinished)
  await closed.network.cut()
  silent.network.swallow()
  fake.behaviours.StartVM = () => 'nothing'
  const program = fileURLToPath(new URL('closing-pool.ts', import.meta.url))
  const addresses = [fake.address, silent.address, closed.address]
  const options = { timeout: 10_000, killSignal: 'SIGKILL' } as const
  const { stdout } = await promisify(execFile)(process.execPath, [program, fake.nodeId, ...addresses], options)
  expect(stdout).toBe('closed\n')
})
