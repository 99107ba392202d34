import { status } from '@grpc/grpc-js'
import { beforeEach, expect, test } from 'vitest'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { sentinels } from '#worker/hypervisor/simulated/sentinels.ts'
import { type aClient, aDaemon, aStateDirectory, aVmRequest, call } from './daemon.ts'

let client: ReturnType<typeof aClient>
/** Of the last program. */
let caller: AbortSignal
beforeEach(async ({ onTestFinished }) => {
  const hypervisor = createSimulatedHypervisor()
  const { executeInGuest } = hypervisor
  hypervisor.executeInGuest = (request, signal) => {
    caller = signal
    return executeInGuest(request, signal)
  }
  const daemon = await aDaemon(hypervisor, aStateDirectory(onTestFinished))
  onTestFinished(async () => {
    await daemon.close()
    await hypervisor.close()
  })
  client = daemon.client
})

async function aGuest(name = 'guest'): Promise<string> {
  const vm = aVmRequest(name)
  await call(client, 'CreateVM', vm)
  await call(client, 'StartVM', { vmId: vm.vmId })
  return vm.vmId
}

test('an agent is pinged, and one that is not there, or hangs, says why', async () => {
  expect(await call(client, 'PingAgent', { vmId: await aGuest() })).toMatchObject({
    connected: true,
    version: 'simulated',
  })
  for (const name of [sentinels.hasNoAgent, sentinels.agentHangs]) {
    const { connected, error } = await call(client, 'PingAgent', { vmId: await aGuest(name) })
    expect([connected, error]).toEqual([false, expect.stringMatching(/agent/)])
  }
})

test('a program is run with what it is given, and what it says is cut at the limit', async () => {
  const vmId = await aGuest()
  const wanted = { vmId, command: 'cat', stdin: Buffer.from('abc'), maxOutputBytes: 2, waitForExit: true }
  expect(await call(client, 'ExecuteInGuest', wanted)).toMatchObject({
    ...{ success: true, exitCode: 0, stdout: 'ab', stdoutTruncated: true, stderrTruncated: false, timedOut: false },
    error: '',
  })
  const failing = { vmId, command: 'false', waitForExit: true }
  expect(await call(client, 'ExecuteInGuest', failing)).toMatchObject({ success: false, exitCode: 1 })
  const slow = { vmId, command: 'sleep', args: ['60'], timeoutSeconds: 1, waitForExit: true }
  expect(await call(client, 'ExecuteInGuest', slow)).toMatchObject({ success: false, exitCode: -1, timedOut: true })
})

test('a file is written, and read in parts', async () => {
  const vmId = await aGuest()
  const file = { vmId, path: '/tmp/file' }
  const data = Buffer.alloc(2 ** 20, 'quantix')
  expect(await call(client, 'WriteGuestFile', { ...file, data })).toMatchObject({
    success: true,
    bytesWritten: 2 ** 20,
  })
  const whole = await call(client, 'ReadGuestFile', file)
  expect([whole.data.equals(data), whole.totalSize, whole.eof]).toEqual([true, 2 ** 20, true])
  const part = await call(client, 'ReadGuestFile', { ...file, offset: 1, maxSize: 6 })
  expect([part.data.toString(), part.eof]).toEqual(['uantix', false])
})

test('a clock is set, and a guest shut down', async () => {
  const vmId = await aGuest()
  expect(await call(client, 'SyncTime', { vmId, force: true })).toMatchObject({ success: true, timeSource: 'node' })
  expect(await call(client, 'GuestShutdown', { vmId })).toMatchObject({ accepted: true })
  const state = async () => (await call(client, 'GetVMStatus', { vmId })).state
  await expect.poll(state).toBe('POWER_STATE_STOPPED')
})

test('a program ends with the call that began it', async () => {
  const vmId = await aGuest()
  const wanted = { vmId, command: 'sleep', args: ['60'], timeoutSeconds: 60, waitForExit: true }
  await expect(call(client, 'ExecuteInGuest', wanted, 300)).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED })
  await expect.poll(() => caller.aborted).toBe(true)
})

test('what a guest does not have is not found', async () => {
  const vmId = await aGuest()
  const missing = { code: status.NOT_FOUND }
  await expect(call(client, 'ReadGuestFile', { vmId, path: '/no/such' })).rejects.toMatchObject(missing)
  await expect(call(client, 'ExecuteInGuest', { vmId, command: 'nope' })).rejects.toMatchObject(missing)
  await expect(call(client, 'PingAgent', { vmId: crypto.randomUUID() })).rejects.toMatchObject(missing)
})

test('a guest that does not run, or whose agent does not answer, is not asked for good', async () => {
  const vm = aVmRequest('off')
  await call(client, 'CreateVM', vm)
  const execute = (vmId: string) => call(client, 'ExecuteInGuest', { vmId, command: 'true', waitForExit: true })
  await expect(execute(vm.vmId)).rejects.toMatchObject({ code: status.FAILED_PRECONDITION })
  await expect(execute(await aGuest(sentinels.hasNoAgent))).rejects.toMatchObject({ code: status.FAILED_PRECONDITION })
  await expect(execute(await aGuest(sentinels.agentHangs))).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED })
})

const tooMuch = Buffer.alloc(2 ** 20 + 1)

test.each([
  ['ReadGuestFile', { path: '/tmp/../etc/shadow' }],
  ['ReadGuestFile', { path: 'C:\\tmp\\..\\secret' }],
  ['ReadGuestFile', { path: 'tmp/file' }],
  ['ReadGuestFile', { path: '/tmp/\0file' }],
  ['ReadGuestFile', { path: '/tmp/file', maxSize: 2 ** 20 + 1 }],
  ['WriteGuestFile', { path: '/tmp/../file' }],
  ['WriteGuestFile', { path: '/tmp/file', data: tooMuch }],
  ['WriteGuestFile', { path: '/tmp/file', mode: 0o4755 }],
  ['ExecuteInGuest', { command: '' }],
  ['ExecuteInGuest', { command: '-c' }],
  ['ExecuteInGuest', { command: 'echo', args: ['a\0b'] }],
  ['ExecuteInGuest', { command: 'echo', args: ['a'.repeat(32_769)] }],
  ['ExecuteInGuest', { command: 'echo', environment: { 'A=B': 'c' } }],
  ['ExecuteInGuest', { command: 'echo', workingDirectory: 'tmp' }],
  ['ExecuteInGuest', { command: 'echo', timeoutSeconds: 3601 }],
  ['ExecuteInGuest', { command: 'cat', stdin: Buffer.alloc(65_537) }],
  ['GuestShutdown', { delaySeconds: 1 }],
  ['GuestShutdown', { message: 'goodbye' }],
] as const)('%s refuses %j before anything is asked of a guest', async (method, request) => {
  const vmId = crypto.randomUUID()
  await expect(call(client, method, { vmId, ...request } as never)).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
  })
})
