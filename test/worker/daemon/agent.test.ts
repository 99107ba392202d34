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

test('the status of a VM tells what its agent says of its guest, and who else runs without one', async () => {
  const vmId = await aGuest('talkative')
  const { guestAgent } = await call(client, 'GetVMStatus', { vmId })
  expect(guestAgent).toMatchObject({
    ...{ connected: true, version: 'simulated', osName: 'Linux', hostname: 'talkative' },
    capabilities: ['guest-info'],
    users: [{ name: 'root', loginAt: { seconds: Date.UTC(2026, 0) / 1000, nanos: 0 } }],
    lastSeen: { seconds: expect.any(Number) },
  })
  const { vms } = await call(client, 'ListVMs', {})
  expect(vms.find((vm) => vm.vmId === vmId)?.guestAgent).toEqual(guestAgent)
  const silent = await call(client, 'GetVMStatus', { vmId: await aGuest(sentinels.hasNoAgent) })
  expect(silent.guestAgent).toMatchObject({ connected: false, version: '', lastSeen: null })
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
  ['a path that leads upwards', 'ReadGuestFile', { path: '/tmp/../etc/shadow' }],
  ['a path of Windows that leads upwards', 'ReadGuestFile', { path: 'C:\\tmp\\..\\secret' }],
  ['a relative path', 'ReadGuestFile', { path: 'tmp/file' }],
  ['NUL in a path', 'ReadGuestFile', { path: '/tmp/\0file' }],
  ['a part that is too long', 'ReadGuestFile', { path: '/tmp/file', maxSize: 2 ** 20 + 1 }],
  ['a path that leads upwards, to write to', 'WriteGuestFile', { path: '/tmp/../file' }],
  ['content that is too long', 'WriteGuestFile', { path: '/tmp/file', data: tooMuch }],
  ['a mode that changes who a program runs as', 'WriteGuestFile', { path: '/tmp/file', mode: 0o4755 }],
  ['a program without a name', 'ExecuteInGuest', { command: '' }],
  ['an option for a program', 'ExecuteInGuest', { command: '-c' }],
  ['NUL in an argument', 'ExecuteInGuest', { command: 'echo', args: ['a\0b'] }],
  ['arguments that are too long', 'ExecuteInGuest', { command: 'echo', args: ['a'.repeat(32_769)] }],
  ['a variable whose name cannot be one', 'ExecuteInGuest', { command: 'echo', environment: { 'A=B': 'c' } }],
  ['a relative directory', 'ExecuteInGuest', { command: 'echo', workingDirectory: 'tmp' }],
  ['a program that takes too long', 'ExecuteInGuest', { command: 'echo', timeoutSeconds: 3601 }],
  ['input that is too long', 'ExecuteInGuest', { command: 'cat', stdin: Buffer.alloc(65_537) }],
  ['a shutdown that waits', 'GuestShutdown', { delaySeconds: 1 }],
  ['a shutdown that says goodbye', 'GuestShutdown', { message: 'goodbye' }],
] as const)('%s is refused before anything is asked of a guest', async (_, method, request) => {
  const vmId = crypto.randomUUID()
  await expect(call(client, method, { vmId, ...request } as never)).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
  })
})
