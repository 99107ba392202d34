import { describe, expect, test } from 'vitest'
import { memorySnapshotBlockedMessage } from '#db/rules/memory-snapshot.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { headers, queues, spec, startSystem, succeeded } from './system.ts'

describe.each(queues)('with the queue on %s', async (_, queueOf) => {
  const { client, nodeId } = await startSystem(queueOf, createSimulatedHypervisor())

  test('a host-model VM is created, started, snapshotted in every way, stopped and deleted', async () => {
    const vm = succeeded(await sdk.createVm({ client, headers, body: { name: 'flexible', spec } }))
    expect(vm).toMatchObject({ spec: { cpuMode: 'host-model' }, status: { state: 'STOPPED', nodeId } })
    const path = { id: vm.id }

    const running = succeeded(await sdk.startVm({ client, headers, path }))
    expect(running.status).toMatchObject({ state: 'RUNNING', effectiveCpu: { mode: 'custom' } })
    expect(running.status.startedAt).not.toBeNull()

    const taken = async (body: sdk.SnapshotCreateInput) =>
      succeeded(await sdk.createSnapshot({ client, headers, path, body }))
    expect(await taken({ name: 'memory', includeMemory: true })).toMatchObject({
      kind: 'memory',
      status: { state: 'READY' },
    })
    expect(await taken({ name: 'disk' })).toMatchObject({ kind: 'disk-only', consistency: 'crash' })

    const stopped = succeeded(await sdk.stopVm({ client, headers, path, body: { timeoutSeconds: 10 } }))
    expect(stopped.status).toMatchObject({ state: 'STOPPED', effectiveCpu: null })
    expect(await taken({ name: 'offline', includeMemory: true })).toMatchObject({ kind: 'offline' })

    const { items } = succeeded(await sdk.listSnapshots({ client, path }))
    expect(items.map(({ name }) => name)).toEqual(['offline', 'disk', 'memory'])
    expect(items.map(({ parentId }) => parentId)).toEqual([items[1]?.id, items[2]?.id, null])

    const gone = await sdk.deleteVm({ client, headers, path })
    expect(gone.response?.status).toBe(204)
    const missing = await sdk.getVm({ client, path })
    expect(missing.error).toMatchObject({ code: 'not_found' })
    const history = succeeded(await sdk.listOperations({ client, query: { vmId: vm.id } }))
    expect(history.items.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
      'vm.delete succeeded',
      'snapshot.create succeeded',
      'vm.stop succeeded',
      'snapshot.create succeeded',
      'snapshot.create succeeded',
      'vm.start succeeded',
      'vm.create succeeded',
    ])
  })

  test('of a running host-passthrough VM a memory snapshot is refused with the published error, and the others are taken', async () => {
    const body = { name: 'performance', spec: { ...spec, cpuMode: 'host-passthrough' as const } }
    const vm = succeeded(await sdk.createVm({ client, headers, body }))
    const path = { id: vm.id }
    succeeded(await sdk.startVm({ client, headers, path }))

    const refused = await sdk.createSnapshot({ client, headers, path, body: { name: 'memory', includeMemory: true } })
    expect(refused.response?.status).toBe(409)
    expect(refused.error).toMatchObject({
      code: 'internal',
      message: memorySnapshotBlockedMessage,
      reason: 'MEMORY_SNAPSHOT_BLOCKED_BY_CPU',
    })

    const disk = succeeded(await sdk.createSnapshot({ client, headers, path, body: { name: 'disk' } }))
    expect(disk.kind).toBe('disk-only')
    const removed = await sdk.deleteVm({ client, headers, path, query: { force: true } })
    expect(removed.response?.status).toBe(204)
  })

  test('an operation that fails is answered with its own error, and the VM says why it is as it is', async () => {
    const body = { name: 'no-image', spec: { ...spec, disks: [{ baseImage: 'missing.qcow2' }] } }
    const failed = await sdk.createVm({ client, headers, body })
    expect(failed.response?.status).toBe(404)
    expect(failed.error).toMatchObject({ code: 'not_found', reason: 'BASE_IMAGE_NOT_FOUND' })
    const location = failed.response?.headers.get('operation-location') ?? ''
    const operation = succeeded(await sdk.getOperation({ client, path: { id: location.split('/').at(-1) ?? '' } }))
    expect(operation).toMatchObject({ status: 'failed', done: true, error: { reason: 'BASE_IMAGE_NOT_FOUND' } })
    const vm = succeeded(await sdk.getVm({ client, path: { id: operation.vmId ?? '' } }))
    expect(vm.status.state).toBe('FAILED')
    expect(vm.status.message).toContain('missing.qcow2')
  })

  test('without a wait the operation is followed to its end', async () => {
    const accepted = await sdk.createVm({ client, body: { name: 'async', spec } })
    expect(accepted.response?.status).toBe(202)
    const { operation } = succeeded(accepted)
    const ended = succeeded(await sdk.getOperation({ client, path: { id: operation?.id ?? '' }, query: { wait: 20 } }))
    expect(ended).toMatchObject({ kind: 'vm.create', status: 'succeeded', done: true })
  })
})
