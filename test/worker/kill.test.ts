import path from 'node:path'
import { expect, test } from 'vitest'
import { findNode } from '#db/nodes.ts'
import type { OperationRow } from '#db/schema/operation.ts'
import { eventually } from '#test/db/eventually.ts'
import { aNode, anOperation, aSnapshot, aVm, readOperation, readSnapshot, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { aDefinition, definitionOf } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { snapshotCreate } from '#worker/operations/snapshot-create.ts'
import { vmAdopt } from '#worker/operations/vm-adopt.ts'
import { vmCreate } from '#worker/operations/vm-create.ts'
import { aStateDirectory, startWorkerProcess, type WorkerPlace } from './worker-process.ts'

const db = await createTestDatabase()

const moments = ['before', 'after', 'recorded']
/** The last step is recorded when all ends. */
const everyMoment = ({ steps }: { steps: readonly { name: string }[] }) =>
  steps.flatMap(({ name }) => moments.map((moment) => `${name}/${moment}`)).slice(0, -1)

async function aPlace() {
  const { nodeId } = await aNode(db)
  const stateDirectory = aStateDirectory(nodeId)
  return {
    nodeId,
    place: { stateDirectory, databaseUrl: db.url, libvirtUri: 'simulated:///' },
    /** What is on the simulated node now. */
    look: () => createSimulatedHypervisor({ file: path.join(stateDirectory, 'simulated-node.json') }),
  }
}

/** From when the worker runs, which on a busy machine may be long after it was started. */
const resumeMs = 3000

/** Starts a worker in the place of the one that was killed, and waits for the end of what that left behind. */
async function restart(place: WorkerPlace, { id, nodeId }: OperationRow): Promise<OperationRow> {
  startWorkerProcess(place)
  await eventually(async () => (await findNode(db, nodeId))?.epoch === 3, 12_000)
  return eventually(async () => {
    const operation = await readOperation(db, id)
    return operation.finishedAt && operation
  }, resumeMs)
}

test.each(everyMoment(vmCreate))('a worker killed in vm.create at %s leaves one VM', async (killAt) => {
  const { nodeId, place, look } = await aPlace()
  const vm = await aVm(db, nodeId, { state: 'CREATING' })
  const operation = await anOperation(db, vm, 'vm.create')
  expect(await startWorkerProcess(place, killAt).ended).toBe('SIGKILL')
  expect(await readOperation(db, operation.id)).toMatchObject({ status: 'running', attempt: 1 })

  expect(await restart(place, operation)).toMatchObject({ status: 'succeeded', attempt: 2 })
  expect(await readVm(db, vm.id)).toMatchObject({ state: 'STOPPED', message: '' })
  const { vms, files } = look().contents
  expect(Object.keys(vms)).toEqual([vm.id])
  expect(files).toEqual([`${vm.id}.vda.qcow2`])
})

test.each(everyMoment(snapshotCreate))(
  'a worker killed in snapshot.create at %s leaves one snapshot',
  async (killAt) => {
    const { nodeId, place, look } = await aPlace()
    const vm = await aVm(db, nodeId, { state: 'RUNNING' })
    const hypervisor = look()
    await hypervisor.createDisk({ vmId: vm.id, target: 'vda', sizeGib: 1 })
    await hypervisor.defineVm(definitionOf(vm))
    await hypervisor.startVm(vm.id)
    const snapshot = await aSnapshot(db, vm.id, { includeMemory: true })
    const operation = await anOperation(db, vm, 'snapshot.create', { input: { snapshotId: snapshot.id } })
    expect(await startWorkerProcess(place, killAt).ended).toBe('SIGKILL')
    expect(await readOperation(db, operation.id)).toMatchObject({ status: 'running', attempt: 1 })

    expect(await restart(place, operation)).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect(await readSnapshot(db, snapshot.id)).toMatchObject({ state: 'READY', kind: 'memory' })
    expect(await readVm(db, vm.id)).toMatchObject({ state: 'RUNNING', message: '' })
    const { vms, files } = look().contents
    expect(Object.keys(vms[vm.id]?.snapshots ?? {})).toEqual([snapshot.id])
    expect(files).toHaveLength(3)
  },
)

test.each(everyMoment(vmAdopt))(
  'a worker killed in vm.adopt at %s leaves one VM, and the domain as it was',
  async (killAt) => {
    const { nodeId, place, look } = await aPlace()
    const definition = aDefinition()
    look().makeForeign({ definition, state: 'RUNNING', unmanaged: { devices: ['hostdev'], disks: ['vda'] } })
    const before = look().contents.vms[definition.vmId]
    const unmanaged = { devices: [], disks: [] }
    const vm = await aVm(db, nodeId, { id: definition.vmId, state: 'CREATING', unmanaged })
    const operation = await anOperation(db, vm, 'vm.adopt')
    expect(await startWorkerProcess(place, killAt).ended).toBe('SIGKILL')
    expect(await readOperation(db, operation.id)).toMatchObject({ status: 'running', attempt: 1 })

    expect(await restart(place, operation)).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect(await readVm(db, vm.id)).toMatchObject({
      state: 'RUNNING',
      message: '',
      unmanaged: { devices: ['hostdev'], disks: ['vda'] },
    })
    expect(look().contents.vms[vm.id]).toEqual(before)
  },
)
