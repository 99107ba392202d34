import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { writeImage } from '#test/support/image-files.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aDaemon, aStateDirectory, aVmRequest, call, type OnTestFinished } from './daemon.ts'

async function start(onTestFinished: OnTestFinished) {
  const stateDirectory = aStateDirectory(onTestFinished)
  const daemon = await aDaemon(createSimulatedHypervisor(), stateDirectory)
  onTestFinished(() => daemon.close())
  return { ...daemon, images: path.join(stateDirectory, 'images') }
}

test('a display is found while its VM is on, and no password is told', async ({ onTestFinished }) => {
  const { client } = await start(onTestFinished)
  const vm = aVmRequest('web')
  const { vmId } = vm
  await call(client, 'CreateVM', vm)
  await expect(call(client, 'GetConsole', { vmId })).rejects.toMatchObject({ code: status.FAILED_PRECONDITION })
  await call(client, 'StartVM', { vmId })
  expect(await call(client, 'GetConsole', { vmId })).toEqual({
    ...{ consoleType: 'vnc', host: '127.0.0.1', port: expect.any(Number), password: '', websocketPath: '' },
  })
  const blind = aVmRequest('blind')
  await call(client, 'CreateVM', { ...blind, spec: { ...blind.spec, console: { vncEnabled: false } } })
  await call(client, 'StartVM', blind)
  await expect(call(client, 'GetConsole', blind)).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    details: expect.stringContaining('without a display'),
  })
})

test('the last lines of a log are as many as were asked for', async ({ onTestFinished }) => {
  const { client } = await start(onTestFinished)
  const vm = aVmRequest('web')
  const { vmId } = vm
  await call(client, 'CreateVM', vm)
  expect(await call(client, 'GetVMLogs', { vmId })).toEqual({ lines: [] })
  await call(client, 'StartVM', { vmId })
  await call(client, 'ForceStopVM', { vmId })
  expect((await call(client, 'GetVMLogs', { vmId })).lines).toEqual([
    expect.stringContaining('started'),
    expect.stringContaining('destroyed'),
  ])
  expect((await call(client, 'GetVMLogs', { vmId, lines: 1 })).lines).toHaveLength(1)
  await expect(call(client, 'GetVMLogs', { vmId, lines: 1001 })).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
  })
})

test('the images that are listed are those that VMs can be made of', async ({ onTestFinished }) => {
  const { client, images } = await start(onTestFinished)
  const list = async () => (await call(client, 'ListImages', {})).images
  expect(await list()).toEqual([])
  await mkdir(images)
  await writeImage(path.join(images, 'a.iso'), 2 ** 20)
  await writeImage(path.join(images, 'b.raw'), 2 ** 20)
  await writeFile(path.join(images, '.hidden.raw'), '')
  await symlink('/etc/passwd', path.join(images, 'link.raw'))
  const [iso, raw] = ['a.iso', 'b.raw'].map((name) => ({ imageId: name, name, path: name, sizeBytes: 2 ** 20 }))
  expect(await list()).toEqual([
    { ...iso, format: 'iso' },
    { ...raw, format: 'raw' },
  ])
  // qcow2 that leads to another file.
  const leading = Buffer.alloc(512)
  leading.write('QFI\u00fb', 'latin1')
  leading.writeUInt32BE(3, 4)
  leading.writeBigUInt64BE(1024n, 8)
  await writeFile(path.join(images, 'b.raw'), leading)
  expect((await list()).map(({ name }) => name)).toEqual(['a.iso'])
})
