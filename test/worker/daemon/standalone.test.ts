import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
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

test('a VM made by gRPC alone goes through its whole life', async ({ onTestFinished }) => {
  const { client, hypervisor } = await start(onTestFinished)
  const vm = aVmRequest('web')
  const { vmId } = vm
  const state = async () => (await call(client, 'GetVMStatus', { vmId })).state
  expect(await call(client, 'CreateVM', vm)).toMatchObject({ vmId, created: true })
  expect(await state()).toBe('POWER_STATE_STOPPED')
  await call(client, 'StartVM', { vmId })
  const { vms } = await call(client, 'ListVMs', {})
  expect(vms).toMatchObject([{ vmId, name: 'web', state: 'POWER_STATE_RUNNING', memoryTotalBytes: 64 * 2 ** 20 }])
  await call(client, 'PauseVM', { vmId })
  expect(await state()).toBe('POWER_STATE_PAUSED')
  await call(client, 'ResumeVM', { vmId })

  const taken = await call(client, 'CreateSnapshot', { vmId, name: 'first', diskOnly: true })
  expect(taken).toMatchObject({ name: 'first', vmState: 'POWER_STATE_STOPPED', parentId: '' })
  const { snapshotId } = taken
  const second = await call(client, 'CreateSnapshot', { vmId, name: 'second' })
  expect(second).toMatchObject({ vmState: 'POWER_STATE_RUNNING', parentId: snapshotId })
  await call(client, 'RevertSnapshot', { vmId, snapshotId })
  expect(await state()).toBe('POWER_STATE_STOPPED')
  const names = async () => (await call(client, 'ListSnapshots', { vmId })).snapshots.map(({ name }) => name)
  expect(await names()).toEqual(['first', 'second', 'before-revert-to-first'])
  await call(client, 'DeleteSnapshot', { vmId, snapshotId })
  const { snapshots } = await call(client, 'ListSnapshots', { vmId })
  expect(snapshots.map(({ name, parentId }) => [name, parentId])).toEqual([
    ['second', ''],
    ['before-revert-to-first', second.snapshotId],
  ])

  await call(client, 'StartVM', { vmId })
  await call(client, 'StopVM', { vmId, timeoutSeconds: 10 })
  await call(client, 'DeleteVM', { vmId })
  expect(await hypervisor.observeVms()).toEqual([])
  await expect(call(client, 'GetVMStatus', { vmId })).rejects.toMatchObject({ code: status.NOT_FOUND })
})

test('what was asked for twice is done once', async ({ onTestFinished }) => {
  const { client } = await start(onTestFinished)
  const vm = aVmRequest('web')
  const nic = { spec: { ...vm.spec, nics: [{ network: 'default' }] } }
  const answers = await Promise.all([1, 2].map(() => call(client, 'CreateVM', { ...vm, ...nic })))
  expect(answers.map(({ created }) => created).sort()).toEqual([false, true])
  await call(client, 'StartVM', vm)
  await call(client, 'StartVM', vm)
  expect((await call(client, 'ListVMs', {})).vms).toHaveLength(1)
})

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

test('a forced stop ends a stop that waits for its guest', async ({ onTestFinished }) => {
  const { client, stateDirectory } = await start(onTestFinished, { shutdownMs: 3_600_000 })
  const vm = aVmRequest('web')
  await call(client, 'CreateVM', vm)
  await call(client, 'StartVM', vm)
  const waiting = call(client, 'StopVM', { vmId: vm.vmId, timeoutSeconds: 600 })
  const overtaken = expect(waiting).rejects.toMatchObject({ code: status.ABORTED })
  await eventually(() => stopIsUnderWay(stateDirectory, vm.vmId))
  await expect(call(client, 'PauseVM', vm)).rejects.toMatchObject({
    code: status.ABORTED,
    details: expect.stringContaining('unfinished operation (vm.stop)'),
  })
  await call(client, 'ForceStopVM', vm)
  await overtaken
  expect(await call(client, 'GetVMStatus', vm)).toMatchObject({ state: 'POWER_STATE_STOPPED' })
})

test('a memory snapshot of a running Performance VM is refused with the published text', async ({ onTestFinished }) => {
  const { client } = await start(onTestFinished)
  const vm = aVmRequest('web')
  const { vmId } = vm
  await call(client, 'CreateVM', { ...vm, spec: { ...vm.spec, cpuMode: 'host-passthrough' } })
  await call(client, 'StartVM', { vmId })
  const refused = await call(client, 'CreateSnapshot', { vmId, name: 'memory' }).catch((error) => error)
  expect(refused).toMatchObject({ code: status.INTERNAL, details: memorySnapshotBlockedMessage })
  expect(await call(client, 'CreateSnapshot', { vmId, name: 'disks', diskOnly: true })).toMatchObject({
    name: 'disks',
  })
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

test('errors have the code that gRPC has for them, and a reason for programs', async ({ onTestFinished }) => {
  const { client } = await start(onTestFinished)
  const vm = aVmRequest('web')
  await call(client, 'CreateVM', vm)
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 0,
      ({ code }) => code,
    )
  expect(await codeOf(call(client, 'StartVM', { vmId: '../etc' }))).toBe(status.INVALID_ARGUMENT)
  expect(await codeOf(call(client, 'StartVM', { vmId: randomUUID() }))).toBe(status.NOT_FOUND)
  expect(await codeOf(call(client, 'PauseVM', vm))).toBe(status.FAILED_PRECONDITION)
  expect(await codeOf(call(client, 'CreateVM', aVmRequest('web')))).toBe(status.ALREADY_EXISTS)
  expect(await codeOf(call(client, 'CreateVM', { ...vm, name: 'other' }))).toBe(status.ALREADY_EXISTS)
  expect(await codeOf(call(client, 'RevertSnapshot', { ...vm, snapshotId: randomUUID() }))).toBe(status.NOT_FOUND)
  expect(await codeOf(call(client, 'PingAgent', vm))).toBe(status.UNIMPLEMENTED)
  const refused = await call(client, 'PauseVM', vm).catch((error) => error)
  const [details] = refused.metadata.get('grpc-status-details-bin')
  expect(details.toString()).toContain('WRONG_VM_STATE')
})

test('a call whose deadline passes is answered then, and what it began goes on', async ({ onTestFinished }) => {
  const { client } = await start(onTestFinished, { shutdownMs: 500 })
  const vm = aVmRequest('web')
  await call(client, 'CreateVM', vm)
  await call(client, 'StartVM', vm)
  await expect(call(client, 'StopVM', { vmId: vm.vmId, timeoutSeconds: 60 }, 100)).rejects.toMatchObject({
    code: status.DEADLINE_EXCEEDED,
  })
  await eventually(async () => (await call(client, 'GetVMStatus', vm)).state === 'POWER_STATE_STOPPED')
})

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
