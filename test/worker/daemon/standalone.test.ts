import { readFile } from 'node:fs/promises'
import { status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { eventually } from '#test/db/eventually.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import type { SimulatedOptions } from '#worker/hypervisor/simulated/options.ts'
import { aDaemon, aStateDirectory, aVmRequest, call, type OnTestFinished } from './daemon.ts'

async function start(onTestFinished: OnTestFinished, options: SimulatedOptions = {}) {
  const hypervisor = createSimulatedHypervisor({ shutdownMs: 1, ...options })
  const stateDirectory = aStateDirectory(onTestFinished)
  const daemon = await aDaemon(hypervisor, stateDirectory)
  onTestFinished(() => daemon.close())
  return { ...daemon, hypervisor, stateDirectory }
}

test('a daemon that starts again knows its VMs and their snapshots', async ({ onTestFinished }) => {
  const { client, close, hypervisor, stateDirectory } = await start(onTestFinished)
  const vm = aVmRequest('web')
  await call(client, 'CreateVM', vm)
  const { snapshotId } = await call(client, 'CreateSnapshot', { vmId: vm.vmId, name: 'first' })
  await close()
  const next = await aDaemon(hypervisor, stateDirectory)
  onTestFinished(() => next.close())
  const { snapshots } = await call(next.client, 'ListSnapshots', { vmId: vm.vmId })
  expect(snapshots).toMatchObject([{ snapshotId, name: 'first' }])
  expect(Number(snapshots[0]?.createdAt?.seconds)).toBeGreaterThan(1_700_000_000)
})

test('an operation that a stopped daemon left unfinished is finished by the next one', async ({ onTestFinished }) => {
  const { client, close, hypervisor, stateDirectory } = await start(onTestFinished, { shutdownMs: 3_600_000 })
  const vm = aVmRequest('web')
  await call(client, 'CreateVM', vm)
  await call(client, 'StartVM', vm)
  const stopping = call(client, 'StopVM', { vmId: vm.vmId, timeoutSeconds: 1 }).catch((error) => error)
  await eventually(async () => await stopIsUnderWay(stateDirectory, vm.vmId))
  await close()
  await stopping
  const next = await aDaemon(hypervisor, stateDirectory)
  onTestFinished(() => next.close())
  await eventually(async () => (await hypervisor.observeVm(vm.vmId))?.state === 'STOPPED', 8000)
})

const badRequests: [string, object, string][] = [
  ['a path', { disks: [{ backingFile: '../secret.qcow2' }] }, 'spec.disks.0.backingFile'],
  ['a file of its own choice', { disks: [{ sizeGib: 1, path: '/etc/passwd' }] }, 'spec.disks.0.path'],
  ['no memory', { memoryMib: 0 }, 'spec.memoryMib'],
  ['another CPU mode', { cpuMode: 'max' }, 'spec.cpuMode'],
  ['IDE', { disks: [{ sizeGib: 1, bus: 'DISK_BUS_IDE' }] }, 'spec.disks.0.bus'],
  ['cores that its sockets do not divide', { cpuCores: 3, cpuSockets: 2 }, 'spec.cpu.cores'],
  ['a card on nothing', { nics: [{}] }, 'spec.nics.0'],
]

test('a VM that the node would not make as it is asked for is refused by its fields, and nothing is made', async ({
  onTestFinished,
}) => {
  const { client, hypervisor } = await start(onTestFinished)
  for (const [what, spec, field] of badRequests) {
    const vm = aVmRequest('web')
    const refused = call(client, 'CreateVM', { ...vm, spec: { ...vm.spec, ...spec } })
    const details = expect.stringContaining(field)
    await expect(refused, what).rejects.toMatchObject({ code: status.INVALID_ARGUMENT, details })
  }
  expect(await hypervisor.observeVms()).toEqual([])
  expect((await call(client, 'ListVMs', {})).vms).toEqual([])
})

test.for([{ 'not a key': 'web' }, { app: 'not a value' }])(
  'a VM is not made with the labels %j',
  async (labels, { onTestFinished }) => {
    const { client } = await start(onTestFinished)
    const details = expect.stringContaining('as in Kubernetes')
    const refused = call(client, 'CreateVM', { ...aVmRequest('web'), labels })
    await expect(refused).rejects.toMatchObject({ code: status.INVALID_ARGUMENT, details })
    expect((await call(client, 'ListVMs', {})).vms).toEqual([])
  },
)

test('the daemon says how it and its node are', async ({ onTestFinished }) => {
  const { client } = await start(onTestFinished)
  await eventually(async () => (await call(client, 'HealthCheck', {})).healthy)
  expect(await call(client, 'HealthCheck', {})).toMatchObject({ hypervisor: 'simulated', version: '0.0.0' })
  const info = await call(client, 'GetNodeInfo', {})
  expect(info).toMatchObject({ supportsSnapshots: true, supportsLiveMigration: false, hypervisorName: 'simulated' })
  expect(info.cpuCores).toBeGreaterThan(0)
  expect(info.memoryAvailableBytes).toBeGreaterThan(0)
})

/** Whether the guest is being asked: the step before that is written down. */
async function stopIsUnderWay(stateDirectory: string, vmId: string): Promise<boolean> {
  const { operation } = JSON.parse(await readFile(`${stateDirectory}/vms/${vmId}.json`, 'utf8'))
  return operation?.kind === 'vm.stop' && 'check-disks' in operation.steps
}
