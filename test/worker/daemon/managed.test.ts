import { status } from '@grpc/grpc-js'
import { asc, eq } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { AppError } from '#db/errors.ts'
import { newId } from '#db/new-id.ts'
import { beginAction } from '#db/operations/begin-action.ts'
import { allowedActions, noSnapshots } from '#db/rules/vm-refusal.ts'
import { events } from '#db/schema/event.ts'
import { operations } from '#db/schema/operation.ts'
import { eventually } from '#test/db/eventually.ts'
import { startProxy } from '#test/db/proxy.ts'
import { aNode, aSnapshot, aVm, readVm } from '#test/db/rows.ts'
import { db, log } from '#test/worker/a-worker.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import type { SimulatedOptions } from '#worker/hypervisor/simulated/options.ts'
import { aVmRequest, call, type OnTestFinished, stream } from './daemon.ts'
import { aManagedDaemon } from './managed-daemon.ts'

async function start(onTestFinished: OnTestFinished, options: SimulatedOptions = {}) {
  const hypervisor = createSimulatedHypervisor({ shutdownMs: 1, ...options })
  const daemon = await aManagedDaemon(onTestFinished, hypervisor)
  const vm = aVmRequest(`vm-${newId()}`)
  return { ...daemon, hypervisor, vm, vmId: vm.vmId }
}

const operationsOf = (vmId: string) =>
  db.drizzle.select().from(operations).where(eq(operations.vmId, vmId)).orderBy(asc(operations.id))

test('what a node of a control plane is asked for by gRPC stands there as any other operation', async ({
  onTestFinished,
}) => {
  const { client, nodeId, vm, vmId } = await start(onTestFinished)
  await call(client, 'CreateVM', { ...vm, labels: { app: 'web' } })
  await call(client, 'StartVM', vm)
  await call(client, 'StartVM', vm)
  await call(client, 'AttachNIC', { vmId, nic: { network: 'default' } })
  expect(await operationsOf(vmId)).toMatchObject(
    ['vm.create', 'vm.start', 'nic.attach'].map((kind) => ({ kind, nodeId, actor: 'user', status: 'succeeded' })),
  )
  expect(await readVm(db, vmId)).toMatchObject({ name: vm.name, labels: { app: 'web' }, state: 'RUNNING' })
  const told = await db.drizzle.select().from(events).where(eq(events.vmId, vmId)).orderBy(asc(events.id))
  expect(told.filter(({ type }) => type === 'operation.requested')).toMatchObject(
    ['vm.create', 'vm.start', 'nic.attach'].map((kind) => ({ actor: 'user', message: `${kind} was requested` })),
  )
})

test('while a call waits, the control plane sees its operation, and overtakes it as its own', async ({
  onTestFinished,
}) => {
  const { client, hypervisor, worker, vm, vmId } = await start(onTestFinished, { shutdownMs: 3_600_000 })
  await call(client, 'CreateVM', vm)
  await call(client, 'StartVM', vm)
  const waiting = call(client, 'StopVM', { vmId, timeoutSeconds: 600 }).catch((error) => error)
  const stop = await eventually(async () => (await operationsOf(vmId)).find(({ kind }) => kind === 'vm.stop'))
  const row = await readVm(db, vmId)
  expect(row).toMatchObject({ state: 'STOPPING' })
  expect(row && allowedActions(row, stop, noSnapshots).start).toMatchObject({ reason: 'OPERATION_IN_PROGRESS' })

  const doorbell = { ring: ({ id }: { id: string }) => worker.executor.wake(id) }
  const input = { vmId, force: true, timeoutSeconds: 60 }
  const api = { database: db, doorbell, newId, log, defer: () => {} }
  await beginAction(api, vmId, { action: 'forceStop', kind: 'vm.stop', input })
  expect(await waiting).toMatchObject({ code: status.ABORTED, details: expect.stringContaining('asked for') })
  await eventually(async () => (await hypervisor.observeVm(vmId))?.state === 'STOPPED', 10_000)
})

test('a node shows its own VMs alone, and leaves those of other nodes alone', async ({ onTestFinished }) => {
  const { client, nodeId } = await start(onTestFinished)
  const other = await aNode(db)
  const own = await aVm(db, nodeId)
  const foreign = await aVm(db, other.nodeId)
  await aSnapshot(db, own.id, { name: 'taken', state: 'READY', kind: 'offline', takenAt: new Date() })
  await aSnapshot(db, own.id, { name: 'failed', state: 'FAILED' })
  const { id: snapshotId } = await aSnapshot(db, foreign.id, { state: 'READY' })

  expect((await call(client, 'ListVMs', {})).vms).toMatchObject([{ vmId: own.id }])
  const { snapshots } = await call(client, 'ListSnapshots', { vmId: own.id })
  expect(snapshots.map(({ name }) => name)).toEqual(['taken'])
  const vm = { vmId: foreign.id }
  const asked = await Promise.allSettled([
    call(client, 'GetVMStatus', vm),
    call(client, 'StartVM', vm),
    call(client, 'DeleteVM', vm),
    call(client, 'AttachDisk', { ...vm, disk: { sizeGib: 1 } }),
    call(client, 'CreateSnapshot', { ...vm, name: 'one' }),
    call(client, 'RevertSnapshot', { ...vm, snapshotId }),
    call(client, 'DeleteSnapshot', { ...vm, snapshotId }),
  ])
  for (const refused of asked) expect(refused).toMatchObject({ reason: { code: status.NOT_FOUND } })
  expect(await operationsOf(foreign.id)).toEqual([])
  const namesake = call(client, 'CreateVM', aVmRequest(foreign.name))
  await expect(namesake).rejects.toMatchObject({ code: status.ALREADY_EXISTS })
  const itself = call(client, 'CreateVM', aVmRequest(foreign.name, foreign.id))
  await expect(itself).rejects.toMatchObject({ code: status.ALREADY_EXISTS })
})

test('a VM is made on the node that was asked, or not at all', async ({ onTestFinished }) => {
  const unsupported = { 'host-passthrough': 'no nested KVM' }
  const { client, nodeId, vm, vmId } = await start(onTestFinished, { unsupported })
  // Its heartbeat is younger, so the control plane would choose it.
  await aNode(db, { memoryMib: 1_000_000 })
  const refused = async (spec: object) =>
    await call(client, 'CreateVM', { ...vm, spec: { ...vm.spec, ...spec } }).catch((error) => error)
  expect(await refused({ cpuMode: 'host-passthrough' })).toMatchObject({
    code: status.FAILED_PRECONDITION,
    details: expect.stringContaining('no nested KVM'),
  })
  expect(await refused({ memoryMib: 1_000_000 })).toMatchObject({
    code: status.FAILED_PRECONDITION,
    details: expect.stringContaining('1000000 MiB are asked for'),
  })
  expect(await readVm(db, vmId)).toBeUndefined()
  await call(client, 'CreateVM', vm)
  expect(await readVm(db, vmId)).toMatchObject({ nodeId })
})

test('a VM that could not be made says why, also when it is asked for again, until it is deleted', async ({
  onTestFinished,
}) => {
  let isFull = true
  const { client, vm, vmId } = await start(onTestFinished, {
    onCall(name) {
      if (isFull && name === 'defineVm') throw new AppError('resource_exhausted', 'No space is left.')
    },
  })
  const full = { code: status.RESOURCE_EXHAUSTED, details: 'No space is left.' }
  const both = await Promise.all([1, 2].map(() => call(client, 'CreateVM', vm).catch((error) => error)))
  expect(both).toContainEqual(expect.objectContaining(full))
  expect(await readVm(db, vmId)).toMatchObject({ state: 'FAILED' })
  await expect(call(client, 'CreateVM', vm)).rejects.toMatchObject({
    code: status.FAILED_PRECONDITION,
    details: expect.stringContaining('No space is left.'),
  })
  await call(client, 'DeleteVM', { vmId })
  isFull = false
  expect(await call(client, 'CreateVM', vm)).toMatchObject({ created: true })
})

test('a worker that stops says so to who waits, and what was asked for is not lost', async ({ onTestFinished }) => {
  const { client, stopping, worker, vm, vmId } = await start(onTestFinished, { shutdownMs: 3_600_000 })
  await call(client, 'CreateVM', vm)
  await call(client, 'StartVM', vm)
  const waiting = call(client, 'StopVM', { vmId, timeoutSeconds: 600 }).catch((error) => error)
  await eventually(async () => (await operationsOf(vmId)).some(({ status: now }) => now === 'running'))
  stopping.abort()
  await worker.close()
  expect(await waiting).toMatchObject({ code: status.UNAVAILABLE, details: expect.stringContaining('goes on') })
  expect((await operationsOf(vmId)).at(-1)).toMatchObject({ kind: 'vm.stop', status: 'queued' })
})

test('a call says that the database is away, and one that waits already outlives it', async ({ onTestFinished }) => {
  const proxy = await startProxy(db.url)
  const database = openDatabase(proxy.url)
  onTestFinished(() => database.close())
  const hypervisor = createSimulatedHypervisor({ shutdownMs: 3_600_000 })
  const { client } = await aManagedDaemon(onTestFinished, hypervisor, { database })
  const vm = aVmRequest(`vm-${newId()}`)
  await call(client, 'CreateVM', vm)
  await call(client, 'StartVM', vm)
  const waiting = call(client, 'StopVM', { vmId: vm.vmId, timeoutSeconds: 2 })
  await eventually(async () => (await readVm(db, vm.vmId))?.state === 'STOPPING')
  await proxy.cut()
  await expect(call(client, 'PauseVM', vm)).rejects.toMatchObject({
    code: status.UNAVAILABLE,
    details: expect.stringContaining('database'),
  })
  await eventually(async () => (await readVm(db, vm.vmId))?.state === 'STOPPED')
  await proxy.restore()
  await waiting
})

test('what VMs of a control plane use, and what happens to them, is streamed by their node', async ({
  onTestFinished,
}) => {
  const { client, vm, vmId } = await start(onTestFinished)
  await call(client, 'CreateVM', vm)
  await call(client, 'StartVM', vm)
  expect(await call(client, 'GetVMStatus', vm)).toMatchObject({ state: 'POWER_STATE_RUNNING', disks: [{ id: 'vda' }] })
  const metrics = stream(client, 'StreamMetrics', { intervalSeconds: 1 })
  const events = stream(client, 'StreamEvents', {})
  await events.begun
  const { snapshotId } = await call(client, 'CreateSnapshot', { vmId, name: 'one', diskOnly: true })
  const told = await eventually(() => events.messages.find(({ type }) => type === 'EVENT_TYPE_SNAPSHOT_CREATED'))
  expect(told).toMatchObject({ vmId, metadata: { snapshot_id: snapshotId } })
  const [first] = await eventually(() => metrics.messages.length > 0 && metrics.messages)
  expect(first?.vms).toMatchObject([{ vmId, name: vm.name }])
  events.cancel()
  metrics.cancel()
})
