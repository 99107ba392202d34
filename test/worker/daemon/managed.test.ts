import { randomUUID } from 'node:crypto'
import { status } from '@grpc/grpc-js'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { aNode, aSnapshot, aVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { definitionOf } from '#test/support/vm-spec.ts'
import { managedControl } from '#worker/daemon/managed-control.ts'
import { createNodeEvents } from '#worker/daemon/node-events.ts'
import { openServer } from '#worker/daemon/server.ts'
import { nodeDaemonService } from '#worker/daemon/service.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aClient, aVmRequest, call } from './daemon.ts'

test("a node of a control plane shows its VMs, and lets nobody change them behind the control plane's back", async ({
  onTestFinished,
}) => {
  const db = await createTestDatabase()
  const [{ nodeId }, other] = [await aNode(db), await aNode(db)]
  const vm = await aVm(db, nodeId, { name: 'web' })
  const elsewhere = await aVm(db, other.nodeId)
  await aSnapshot(db, vm.id, { name: 'taken', state: 'READY', kind: 'offline', takenAt: new Date() })
  await aSnapshot(db, vm.id, { name: 'failed', state: 'FAILED' })
  const hypervisor = createSimulatedHypervisor()
  await hypervisor.createDisk({ vmId: vm.id, target: 'vda', sizeGib: 1 })
  await hypervisor.defineVm(definitionOf(vm))

  const server = await openServer({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => server.close(100))
  const control = managedControl(db, nodeId)
  const log = pino({ level: 'silent' })
  const events = createNodeEvents(hypervisor)
  const { signal: stopping } = new AbortController()
  const node = { nodeId, version: '0.0.0', control, hypervisor, events, stopping, log }
  server.serve(nodeDaemonService({ ...node, isServing: () => true }))
  const client = aClient(server.port)
  onTestFinished(() => client.close())

  const { vms } = await call(client, 'ListVMs', {})
  expect(vms).toMatchObject([{ vmId: vm.id, name: 'web', state: 'POWER_STATE_STOPPED' }])
  const { snapshots } = await call(client, 'ListSnapshots', { vmId: vm.id })
  expect(snapshots.map(({ name }) => name)).toEqual(['taken'])
  await expect(call(client, 'GetVMStatus', { vmId: elsewhere.id })).rejects.toMatchObject({ code: status.NOT_FOUND })

  const details = expect.stringContaining('belongs to a control plane')
  const refused = { code: status.FAILED_PRECONDITION, details }
  await expect(call(client, 'StartVM', { vmId: vm.id })).rejects.toMatchObject(refused)
  await expect(call(client, 'CreateVM', aVmRequest('other'))).rejects.toMatchObject(refused)
  const snapshot = { vmId: vm.id, snapshotId: randomUUID() }
  await expect(call(client, 'DeleteSnapshot', snapshot)).rejects.toMatchObject(refused)
  expect(await hypervisor.observeVm(vm.id)).toMatchObject({ state: 'STOPPED' })
})
