import { expect, test } from 'vitest'
import { askDaemon } from '#api/agent/ask-daemon.ts'
import { aDaemon, aStateDirectory, aVmRequest, call } from '#test/worker/daemon/daemon.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { sentinels } from '#worker/hypervisor/simulated/sentinels.ts'
import { aPool } from './a-pool.ts'

test('a guest is asked by its node, in the words of the operations that ask it', async ({ onTestFinished }) => {
  const hypervisor = createSimulatedHypervisor()
  const daemon = await aDaemon(hypervisor, aStateDirectory(onTestFinished))
  onTestFinished(async () => {
    await daemon.close()
    await hypervisor.close()
  })
  const { nodeId } = await call(daemon.client, 'HealthCheck', {})
  const { call: node } = aPool(onTestFinished).connect(nodeId, `127.0.0.1:${daemon.port}`)
  const aGuest = async (name: string) => {
    const vm = aVmRequest(name)
    await node.CreateVM(vm)
    await node.StartVM(vm)
    return vm.vmId
  }
  const vmId = await aGuest('guest')
  const base64 = (text: string) => Buffer.from(text).toString('base64')

  expect(await askDaemon(node, vmId, 'agent.ping', {})).toEqual({
    ...{ connected: true, version: 'simulated', message: '' },
    uptimeSeconds: expect.toBeOneOf([null, expect.any(Number)]),
  })
  expect(await askDaemon(node, await aGuest(sentinels.hasNoAgent), 'agent.ping', {})).toEqual({
    ...{ connected: false, version: null, uptimeSeconds: null },
    message: expect.stringContaining('agent'),
  })

  const program = { args: [], environment: {}, workingDirectory: null, stdin: '', timeoutSeconds: 1 }
  const limits = { outputLimitBytes: 2, waitForExit: true }
  const ended = { stderr: '', stdoutTruncated: false, stderrTruncated: false, durationMs: expect.any(Number) }
  const cat = { ...program, ...limits, command: 'cat', stdin: base64('abc') }
  expect(await askDaemon(node, vmId, 'agent.exec', cat)).toEqual({
    ...ended,
    ...{ exitCode: 0, stdout: 'ab', stdoutTruncated: true, timedOut: false },
  })
  const sleep = { ...program, ...limits, command: 'sleep', args: ['60'] }
  expect(await askDaemon(node, vmId, 'agent.exec', sleep)).toEqual({
    ...ended,
    ...{ exitCode: null, stdout: '', timedOut: true },
  })

  const file = { path: '/tmp/file', data: base64('quantix'), mode: null, createParents: false }
  expect(await askDaemon(node, vmId, 'agent.write-file', file)).toEqual({ sizeBytes: 7 })
  expect(await askDaemon(node, vmId, 'agent.read-file', { path: '/tmp/file', offset: 1, maxBytes: 3 })).toEqual({
    ...{ data: base64('uan'), totalBytes: 7, isEnd: false },
  })
  await expect(
    askDaemon(node, vmId, 'agent.read-file', { path: '/no/such', offset: 0, maxBytes: 3 }),
  ).rejects.toMatchObject({ code: 'not_found' })

  expect(await askDaemon(node, vmId, 'agent.sync-time', { force: true })).toEqual({
    offsetBeforeSeconds: expect.any(Number),
    offsetAfterSeconds: expect.any(Number),
    source: 'node',
  })
  expect(await askDaemon(node, vmId, 'agent.shutdown', { reboot: false })).toEqual({ accepted: true })
})
