import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import type { QuiesceFilesystemsRequest } from '#proto/gen/limiquantix/node/v1/QuiesceFilesystemsRequest.ts'
import type { ThawFilesystemsRequest } from '#proto/gen/limiquantix/node/v1/ThawFilesystemsRequest.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { sentinels } from '#worker/hypervisor/simulated/sentinels.ts'
import { aDaemon, aStateDirectory, aVmRequest, call, type OnTestFinished } from './daemon.ts'

async function start(onTestFinished: OnTestFinished, stateDirectory = aStateDirectory(onTestFinished)) {
  const hypervisor = createSimulatedHypervisor({ shutdownMs: 1, file: path.join(stateDirectory, 'node.json') })
  const daemon = await aDaemon(hypervisor, stateDirectory)
  const close = async () => {
    await daemon.close()
    await hypervisor.close()
  }
  const { client } = daemon
  return {
    client,
    close,
    stateDirectory,
    async aGuest(name = 'guest') {
      const vm = aVmRequest(name)
      await call(client, 'CreateVM', vm)
      await call(client, 'StartVM', vm)
      return vm.vmId
    },
  }
}

test('a client freezes a guest, sees that its snapshot is a quiesced one, and thaws', async ({ onTestFinished }) => {
  const { client, close, aGuest } = await start(onTestFinished)
  onTestFinished(close)
  const vmId = await aGuest()
  const { success, frozen, quiesceToken } = await call(client, 'QuiesceFilesystems', { vmId })
  expect([success, frozen]).toMatchObject([
    true,
    [
      { mountPoint: '/', device: '/dev/vda1', filesystem: 'ext4', frozen: true, error: '' },
      { mountPoint: '/boot/efi', frozen: false, error: expect.stringContaining('vfat') },
      { mountPoint: '/data', frozen: true, error: '' },
    ],
  ])
  const snapshot = { vmId, diskOnly: true }
  expect(await call(client, 'CreateSnapshot', { ...snapshot, name: 'frozen' })).toMatchObject({
    ...{ consistency: 'quiesced', notice: '' },
  })
  const thawed = await call(client, 'ThawFilesystems', { vmId, quiesceToken })
  expect(thawed).toMatchObject({ success: true, thawedMountPoints: ['/', '/data'], error: '' })
  expect(await call(client, 'CreateSnapshot', { ...snapshot, name: 'thawed' })).toMatchObject({ consistency: 'crash' })
  const part = await call(client, 'QuiesceFilesystems', { vmId, mountPoints: ['/data'] })
  expect(await call(client, 'CreateSnapshot', { ...snapshot, name: 'in part' })).toMatchObject({
    consistency: 'crash',
    notice: expect.stringContaining('Not all'),
  })
  await call(client, 'ThawFilesystems', { vmId, quiesceToken: part.quiesceToken })
})

test('what cannot be frozen or thawed is refused by the book, and changes nothing', async ({ onTestFinished }) => {
  const { client, close, aGuest } = await start(onTestFinished)
  onTestFinished(close)
  const vmId = await aGuest()
  const agentless = await aGuest(sentinels.hasNoAgent)
  const hung = await aGuest(sentinels.agentHangs)
  const quiesceRefusals: [QuiesceFilesystemsRequest, status][] = [
    [{ vmId: randomUUID() }, status.NOT_FOUND],
    [{ vmId: '../etc' }, status.INVALID_ARGUMENT],
    [{ vmId, mountPoints: ['/nowhere'] }, status.INVALID_ARGUMENT],
    [{ vmId, mountPoints: ['/data/../data'] }, status.INVALID_ARGUMENT],
    [{ vmId, mountPoints: ['/', '/boot/efi'] }, status.INVALID_ARGUMENT],
    [{ vmId, mountPoints: [''] }, status.INVALID_ARGUMENT],
    [{ vmId, mountPoints: Array(65).fill('/') }, status.INVALID_ARGUMENT],
    [{ vmId, timeoutSeconds: 601 }, status.INVALID_ARGUMENT],
    [{ vmId: agentless }, status.FAILED_PRECONDITION],
    [{ vmId: hung }, status.DEADLINE_EXCEEDED],
  ]
  for (const [request, code] of quiesceRefusals) {
    await expect(call(client, 'QuiesceFilesystems', request), JSON.stringify(request)).rejects.toMatchObject({ code })
  }
  const { quiesceToken } = await call(client, 'QuiesceFilesystems', { vmId, timeoutSeconds: 600 })
  const thawRefusals: [ThawFilesystemsRequest, status][] = [
    [{ vmId: randomUUID(), quiesceToken }, status.NOT_FOUND],
    [{ vmId, quiesceToken: 'sesame' }, status.INVALID_ARGUMENT],
    [{ vmId, quiesceToken: '' }, status.INVALID_ARGUMENT],
    [{ vmId, quiesceToken, mountPoints: ['/'] }, status.INVALID_ARGUMENT],
    [{ vmId, quiesceToken: randomUUID() }, status.FAILED_PRECONDITION],
    [{ vmId: hung, quiesceToken }, status.FAILED_PRECONDITION],
  ]
  for (const [request, code] of thawRefusals) {
    await expect(call(client, 'ThawFilesystems', request), JSON.stringify(request)).rejects.toMatchObject({ code })
  }
  await call(client, 'ThawFilesystems', { vmId, quiesceToken })
})

test('a token outlives the daemon, and ends with the run of its VM', async ({ onTestFinished }) => {
  const before = await start(onTestFinished)
  const vmId = await before.aGuest()
  const { quiesceToken } = await call(before.client, 'QuiesceFilesystems', { vmId })
  await before.close()
  const { client, close } = await start(onTestFinished, before.stateDirectory)
  onTestFinished(close)
  await call(client, 'ThawFilesystems', { vmId, quiesceToken })
  const next = await call(client, 'QuiesceFilesystems', { vmId })
  await call(client, 'StopVM', { vmId, timeoutSeconds: 10 })
  await call(client, 'StartVM', { vmId })
  await expect(call(client, 'ThawFilesystems', { vmId, quiesceToken: next.quiesceToken })).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
  })
  await call(client, 'QuiesceFilesystems', { vmId })
})
