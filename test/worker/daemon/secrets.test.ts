import { readFile } from 'node:fs/promises'
import { status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { secretBox } from '#db/secrets/secret-box.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aNodeOf, everyOwner } from './a-node-of.ts'
import { aDaemon, aStateDirectory, aVmRequest, call, type OnTestFinished } from './daemon.ts'

const userData = '#!/bin/sh\necho canary-4711\n'
const vncPassword = 'k3T9w2Qa'

function aSecretiveVm(name: string) {
  const vm = aVmRequest(name)
  return { ...vm, spec: { ...vm.spec, cloudInit: { userData }, console: { vncEnabled: true, vncPassword } } }
}

async function start(onTestFinished: OnTestFinished) {
  const hypervisor = createSimulatedHypervisor()
  const stateDirectory = aStateDirectory(onTestFinished)
  const daemon = await aDaemon(hypervisor, stateDirectory)
  onTestFinished(() => daemon.close())
  return { ...daemon, hypervisor, stateDirectory }
}

test('a VM made by gRPC has its cloud-init drive and its password, and its file tells neither', async ({
  onTestFinished,
}) => {
  const { client, hypervisor, stateDirectory } = await start(onTestFinished)
  const vm = aSecretiveVm('web')
  const { vmId } = vm
  await call(client, 'CreateVM', vm)
  expect(hypervisor.contents.files).toContain(`${vmId}.seed.iso`)
  expect(hypervisor.contents.vms[vmId]?.definition.spec).toMatchObject({
    cloudInit: { userDataSet: true, metaDataSet: false },
    display: { type: 'vnc', passwordSet: true },
  })
  await call(client, 'StartVM', { vmId })
  expect(await readFile(`${stateDirectory}/vms/${vmId}.json`, 'utf8')).not.toMatch(/canary|k3T9w2Qa/)
})

test.for(everyOwner)(
  'on a node %s the same request finds its VM by its secrets too, and other secrets are of another VM',
  async (owner, { onTestFinished }) => {
    const hypervisor = createSimulatedHypervisor()
    const { client } = await aNodeOf(owner, onTestFinished, hypervisor)
    const vm = aSecretiveVm('web')
    const twice = await Promise.all([call(client, 'CreateVM', vm), call(client, 'CreateVM', vm)])
    expect(twice.map(({ created }) => created).toSorted()).toEqual([false, true])
    const other = { ...vm, spec: { ...vm.spec, cloudInit: { userData: '#!/bin/sh\n' } } }
    await expect(call(client, 'CreateVM', other)).rejects.toMatchObject({ code: status.ALREADY_EXISTS })
    expect(hypervisor.contents.files).toContain(`${vm.vmId}.seed.iso`)
  },
)

test.for(everyOwner)(
  'a node %s without a key makes no VM with secrets, and says which setting is missing',
  async (owner, { onTestFinished }) => {
    const hypervisor = createSimulatedHypervisor()
    const { client } = await aNodeOf(owner, onTestFinished, hypervisor, secretBox([]))
    await expect(call(client, 'CreateVM', aSecretiveVm('web'))).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: expect.stringContaining('QUANTIX_SECRET_KEY'),
    })
    expect((await call(client, 'ListVMs', {})).vms).toEqual([])
    expect(hypervisor.contents.files).toEqual([])
    expect(await call(client, 'CreateVM', aVmRequest('open'))).toMatchObject({ created: true })
  },
)

const badSecrets: [string, object, string][] = [
  ['user data that cloud-init ignores', { cloudInit: { userData: 'hello' } }, 'spec.cloudInit.userData'],
  ['meta data that is no mapping', { cloudInit: { metaData: '- a' } }, 'spec.cloudInit.metaData'],
  ['a network without a version', { cloudInit: { networkConfig: 'a: b' } }, 'spec.cloudInit.networkConfig'],
  ['vendor data', { cloudInit: { vendorData: '#cloud-config\n' } }, 'spec.cloudInit.vendorData'],
  ['a long password', { console: { vncEnabled: true, vncPassword: '123456789' } }, 'spec.console.vncPassword'],
  ['a password without VNC', { console: { spiceEnabled: true, vncPassword } }, 'spec.console.vncPassword'],
]

test('secrets that a guest or a display would not take are refused by their fields', async ({ onTestFinished }) => {
  const { client } = await start(onTestFinished)
  for (const [what, spec, field] of badSecrets) {
    const vm = aVmRequest('web')
    const refused = call(client, 'CreateVM', { ...vm, spec: { ...vm.spec, ...spec } })
    const details = expect.stringContaining(field)
    await expect(refused, what).rejects.toMatchObject({ code: status.INVALID_ARGUMENT, details })
  }
})
