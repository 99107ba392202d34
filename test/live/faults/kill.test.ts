import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { anOperation, aSnapshot, aVm, readSnapshot, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { startWorkerProcess } from '#test/worker/worker-process.ts'
import { snapshotCreate } from '#worker/operations/snapshot-create.ts'
import { vmCreate } from '#worker/operations/vm-create.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { sourcesOf } from '../hypervisor/node-vms.ts'
import { aRunningWorkerVm, aWorkerPlace, domainNames, ended, everyMoment, takenOver } from './live-worker.ts'

const unavailable = libvirtAvailable()

/** From when the new worker runs, which on a busy machine may be long after it was started. */
const resumeMs = 3000

/** Taking a snapshot lasts 0.1 to 0.3 s; these fall into its middle. */
const inTheMiddle = [10, 80, 180].map((ms) => `take/before+${ms}`)

describe.skipIf(unavailable)(`a killed worker${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let libvirt: LibvirtNode
  const db = createTestDatabase()
  beforeAll(async () => {
    libvirt = await startLibvirtNode({ virtType: 'qemu' })
    await libvirt.hypervisor.probeCpuModes()
  })
  afterAll(() => libvirt?.close())

  test.for(everyMoment(vmCreate))('in vm.create at %s leaves one domain with its disk', async (killAt) => {
    const database = await db
    const { nodeId, place, poolDirectory } = await aWorkerPlace(database, libvirt)
    const before = await domainNames(libvirt)
    const vm = await aVm(database, nodeId, { state: 'CREATING' })
    const operation = await anOperation(database, vm, 'vm.create')
    expect(await startWorkerProcess(place, killAt).ended).toBe('SIGKILL')

    startWorkerProcess(place)
    await takenOver(database, nodeId, 2)
    expect(await ended(database, operation, resumeMs)).toMatchObject({ status: 'succeeded', attempt: 2 })
    expect(await readVm(database, vm.id)).toMatchObject({ state: 'STOPPED', message: '' })
    expect((await domainNames(libvirt)).sort()).toEqual([...before, vm.name].sort())
    expect(await readdir(poolDirectory)).toEqual([`${vm.id}.vda.qcow2`])
  })

  const cases = [true, false].flatMap((includeMemory) =>
    [...everyMoment(snapshotCreate), ...inTheMiddle].map((killAt) => ({ killAt, includeMemory })),
  )

  test.for(cases)('in snapshot.create at $killAt, with memory $includeMemory, leaves one snapshot', async (one) => {
    const database = await db
    const { nodeId, place, poolDirectory, vm } = await aRunningWorkerVm(database, libvirt)
    const snapshot = await aSnapshot(database, vm.id, { includeMemory: one.includeMemory })
    const operation = await anOperation(database, vm, 'snapshot.create', { input: { snapshotId: snapshot.id } })
    const doomed = startWorkerProcess(place, one.killAt)
    const signal = await doomed.ended
    expect(signal).toBe('SIGKILL')

    startWorkerProcess(place)
    await takenOver(database, nodeId, 2)
    expect(await ended(database, operation, resumeMs)).toMatchObject({ status: 'succeeded' })
    const kind = one.includeMemory ? 'memory' : 'disk-only'
    expect(await readSnapshot(database, snapshot.id)).toMatchObject({ state: 'READY', kind })
    expect(await readVm(database, vm.id)).toMatchObject({ state: 'RUNNING', message: '' })
    const overlay = `${vm.id}.vda.${snapshot.id}.qcow2`
    const files = [overlay, `${vm.id}.vda.qcow2`, ...(one.includeMemory ? [`${vm.id}.${snapshot.id}.mem`] : [])]
    expect((await readdir(poolDirectory)).sort()).toEqual(files.sort())
    // QEMU, the definition that runs and the one of the next start agree on where the VM writes.
    const path = `${poolDirectory}/${overlay}`
    expect(await sourcesOf(libvirt, vm.id)).toEqual({ live: [path], inactive: [path], qemu: [path] })
  })
})
