import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { eventually } from '#test/db/eventually.ts'
import { aSnapshot, aVm, readOperation, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { qemuPid } from '#test/support/processes.ts'
import { startWorkerProcess } from '#test/worker/worker-process.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { aWorkerPlace, destroyAfterwards, ended, request, takenOver } from './live-worker.ts'

const unavailable = libvirtAvailable()

/** A poll, or the longest backoff after a few attempts, and libvirt's own start. */
const recoveryMs = 20_000

describe.skipIf(unavailable)(`libvirtd restarted${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let libvirt: LibvirtNode
  const db = createTestDatabase()
  beforeAll(async () => {
    libvirt = await startLibvirtNode({ virtType: 'qemu' })
    await libvirt.hypervisor.probeCpuModes()
  })
  afterAll(() => libvirt?.close())

  async function aWorkerWithVm() {
    const database = await db
    const { nodeId, place } = await aWorkerPlace(database, libvirt)
    const vm = await aVm(database, nodeId, { state: 'CREATING' })
    const create = await request(database, vm, 'vm.create')
    startWorkerProcess(place)
    await takenOver(database, nodeId, 1)
    destroyAfterwards(libvirt, vm.id)
    expect(await ended(database, create, recoveryMs)).toMatchObject({ status: 'succeeded' })
    return { database, nodeId, vm }
  }

  test('between two operations: the worker reconnects and goes on', async () => {
    const { database, vm } = await aWorkerWithVm()
    await libvirt.host.restart()
    const start = await request(database, vm, 'vm.start')
    expect(await ended(database, start, recoveryMs)).toMatchObject({ status: 'succeeded' })
    const snapshot = await aSnapshot(database, vm.id, { includeMemory: true })
    const take = await request(database, vm, 'snapshot.create', { input: { snapshotId: snapshot.id } })
    expect(await ended(database, take, recoveryMs)).toMatchObject({ status: 'succeeded' })
  })

  test('while an operation waits for it: it goes on when libvirtd is back', async () => {
    const { database, vm } = await aWorkerWithVm()
    await libvirt.host.kill('SIGKILL')
    const start = await request(database, vm, 'vm.start')
    await eventually(async () => (await readOperation(database, start.id)).attempt > 0, recoveryMs)
    await libvirt.host.restart()
    expect(await ended(database, start, 30_000)).toMatchObject({ status: 'succeeded', error: null })
    expect(await readVm(database, vm.id)).toMatchObject({ state: 'RUNNING', message: '' })
  })

  test('and a VM that lost its QEMU meanwhile: that is seen', async () => {
    const { database, vm } = await aWorkerWithVm()
    const start = await request(database, vm, 'vm.start')
    await ended(database, start, recoveryMs)
    const pid = qemuPid(`guest=${vm.name},`)
    await libvirt.host.kill('SIGKILL')
    process.kill(pid, 'SIGKILL')
    await libvirt.host.restart()
    await eventually(async () => (await readVm(database, vm.id))?.state === 'STOPPED', recoveryMs)
    expect((await readVm(database, vm.id))?.message).toMatch(/^It crashed: /)
  })
})
