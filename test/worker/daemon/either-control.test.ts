import { randomUUID } from 'node:crypto'
import { status } from '@grpc/grpc-js'
import { describe, expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
import { eventually } from '#test/db/eventually.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import type { SimulatedCall, SimulatedOptions } from '#worker/hypervisor/simulated/options.ts'
import { aNodeOf, everyOwner } from './a-node-of.ts'
import { aVmRequest, call, type OnTestFinished } from './daemon.ts'

describe.each(everyOwner)('on a node %s', (owner) => {
  /** A node, and a VM that nobody has asked for yet. */
  async function start(onTestFinished: OnTestFinished, options: SimulatedOptions = {}) {
    const asked: SimulatedCall[] = []
    const hypervisor = createSimulatedHypervisor({ shutdownMs: 1, onCall: (name) => asked.push(name), ...options })
    const { client } = await aNodeOf(owner, onTestFinished, hypervisor)
    const vm = aVmRequest(`vm-${randomUUID()}`)
    return { client, hypervisor, vm, vmId: vm.vmId, guestIsAsked: () => asked.includes('requestShutdown') }
  }

  test('a VM goes through its whole life by gRPC', async ({ onTestFinished }) => {
    const { client, hypervisor, vm, vmId } = await start(onTestFinished)
    const state = async () => (await call(client, 'GetVMStatus', { vmId })).state
    expect(await call(client, 'CreateVM', vm)).toMatchObject({ vmId, created: true })
    expect(await state()).toBe('POWER_STATE_STOPPED')
    await call(client, 'StartVM', { vmId })
    const { vms } = await call(client, 'ListVMs', {})
    expect(vms).toMatchObject([{ vmId, name: vm.name, state: 'POWER_STATE_RUNNING', memoryTotalBytes: 64 * 2 ** 20 }])
    await call(client, 'PauseVM', { vmId })
    expect(await state()).toBe('POWER_STATE_PAUSED')
    await call(client, 'ResumeVM', { vmId })
    await call(client, 'RebootVM', { vmId })
    expect(await state()).toBe('POWER_STATE_RUNNING')

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
    const { client, vm } = await start(onTestFinished)
    const nic = { spec: { ...vm.spec, nics: [{ network: 'default' }] } }
    const answers = await Promise.all([1, 2].map(() => call(client, 'CreateVM', { ...vm, ...nic })))
    expect(answers.map(({ created }) => created).sort()).toEqual([false, true])
    const inCapitals = { ...vm, ...nic, vmId: vm.vmId.toUpperCase() }
    expect(await call(client, 'CreateVM', inCapitals)).toMatchObject({ created: false })
    await Promise.all(
      [1, 2].map(() => call(client, 'StartVM', vm).catch(({ code }) => expect(code).toBe(status.ABORTED))),
    )
    await call(client, 'StartVM', vm)
    expect((await call(client, 'ListVMs', {})).vms).toMatchObject([{ vmId: vm.vmId, state: 'POWER_STATE_RUNNING' }])
  })

  test('a VM is not made with the name or the id of another one', async ({ onTestFinished }) => {
    const { client, vm } = await start(onTestFinished)
    await call(client, 'CreateVM', vm)
    const taken = { code: status.ALREADY_EXISTS }
    await expect(call(client, 'CreateVM', aVmRequest(vm.name ?? ''))).rejects.toMatchObject(taken)
    await expect(call(client, 'CreateVM', { ...vm, name: 'other' })).rejects.toMatchObject(taken)
    const larger = { ...vm, spec: { ...vm.spec, memoryMib: 128 } }
    await expect(call(client, 'CreateVM', larger)).rejects.toMatchObject(taken)
    expect((await call(client, 'ListVMs', {})).vms).toHaveLength(1)
  })

  test('a forced stop ends a stop that waits for its guest', async ({ onTestFinished }) => {
    const { client, vm, guestIsAsked } = await start(onTestFinished, { shutdownMs: 3_600_000 })
    await call(client, 'CreateVM', vm)
    await call(client, 'StartVM', vm)
    const waiting = call(client, 'StopVM', { vmId: vm.vmId, timeoutSeconds: 600 })
    const overtaken = expect(waiting).rejects.toMatchObject({ code: status.ABORTED })
    await eventually(async () => guestIsAsked())
    await expect(call(client, 'PauseVM', vm)).rejects.toMatchObject({
      code: status.ABORTED,
      details: expect.stringContaining('unfinished operation (vm.stop)'),
    })
    await call(client, 'ForceStopVM', vm)
    await overtaken
    expect(await call(client, 'GetVMStatus', vm)).toMatchObject({ state: 'POWER_STATE_STOPPED' })
  })

  test('a memory snapshot of a running Performance VM is refused with the published text', async ({
    onTestFinished,
  }) => {
    const { client, vm, vmId } = await start(onTestFinished)
    await call(client, 'CreateVM', { ...vm, spec: { ...vm.spec, cpuMode: 'host-passthrough' } })
    await call(client, 'StartVM', { vmId })
    const refused = await call(client, 'CreateSnapshot', { vmId, name: 'memory' }).catch((error) => error)
    expect(refused).toMatchObject({ code: status.INTERNAL, details: memorySnapshotBlockedMessage })
    expect(await call(client, 'CreateSnapshot', { vmId, name: 'disks', diskOnly: true })).toMatchObject({
      name: 'disks',
    })
  })

  test('errors have the code that gRPC has for them, and a reason for programs', async ({ onTestFinished }) => {
    const { client, vm } = await start(onTestFinished)
    await call(client, 'CreateVM', vm)
    const codeOf = (work: Promise<unknown>) =>
      work.then(
        () => 0,
        ({ code }) => code,
      )
    expect(await codeOf(call(client, 'StartVM', { vmId: '../etc' }))).toBe(status.INVALID_ARGUMENT)
    expect(await codeOf(call(client, 'StartVM', { vmId: randomUUID() }))).toBe(status.NOT_FOUND)
    expect(await codeOf(call(client, 'PauseVM', vm))).toBe(status.FAILED_PRECONDITION)
    expect(await codeOf(call(client, 'RevertSnapshot', { ...vm, snapshotId: randomUUID() }))).toBe(status.NOT_FOUND)
    expect(await codeOf(call(client, 'DetachDisk', { ...vm, diskId: 'vdb' }))).toBe(status.NOT_FOUND)
    const refused = await call(client, 'PauseVM', vm).catch((error) => error)
    const [details] = refused.metadata.get('grpc-status-details-bin')
    expect(details.toString()).toContain('WRONG_VM_STATE')
  })

  test('a call whose deadline passes is answered then, and what it began goes on', async ({ onTestFinished }) => {
    const { client, vm } = await start(onTestFinished, { shutdownMs: 500 })
    await call(client, 'CreateVM', vm)
    await call(client, 'StartVM', vm)
    await expect(call(client, 'StopVM', { vmId: vm.vmId, timeoutSeconds: 60 }, 100)).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
    })
    await eventually(async () => (await call(client, 'GetVMStatus', vm)).state === 'POWER_STATE_STOPPED')
  })

  test('what the node fails to do is told as it is, and the VM is as before', async ({ onTestFinished }) => {
    const { client, vm } = await start(onTestFinished, {
      onCall(name) {
        if (name === 'startVm') throw new AppError('resource_exhausted', 'No memory is left.', { reason: 'NO_MEMORY' })
      },
    })
    await call(client, 'CreateVM', vm)
    const failed = await call(client, 'StartVM', vm).catch((error) => error)
    expect(failed).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: 'No memory is left.' })
    expect(failed.metadata.get('grpc-status-details-bin').toString()).toContain('NO_MEMORY')
    expect(await call(client, 'GetVMStatus', vm)).toMatchObject({ state: 'POWER_STATE_STOPPED' })
  })
})
