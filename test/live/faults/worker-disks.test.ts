import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OperationKind } from '#db/operations/catalog.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { eventually } from '#test/db/eventually.ts'
import { aSnapshot, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { startWorkerProcess } from '#test/worker/worker-process.ts'
import { qmp, readQemuDisks, readQemuNodes } from '#worker/hypervisor/libvirt/qmp.ts'
import { overlayVolume } from '#worker/hypervisor/storage-names.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { domainOf, sourcesOf } from '../hypervisor/node-vms.ts'
import { expectAsGuest, switchBehindLibvirt, writeAsGuest } from './behind-libvirt.ts'
import { aRunningWorkerVm, ended, request, takenOver } from './live-worker.ts'

const unavailable = libvirtAvailable()

const foundWithinMs = 10_000
const endsWithinMs = 20_000

describe.skipIf(unavailable)(`a worker${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let libvirt: LibvirtNode
  const db = createTestDatabase()
  beforeAll(async () => {
    libvirt = await startLibvirtNode({ virtType: 'qemu' })
    await libvirt.hypervisor.probeCpuModes()
  })
  afterAll(() => libvirt?.close())

  const agree = (vmId: string, file: string) =>
    eventually(async () => {
      const sources = await sourcesOf(libvirt, vmId).catch(() => null)
      return sources && [...sources.live, ...sources.inactive, ...sources.qemu].every((found) => found === file)
    }, foundWithinMs)

  test.for(['while it runs', 'and libvirtd dies', 'before it starts'])(
    'repairs within 10 s what came out of step %s',
    async (when) => {
      const database = await db
      const { nodeId, place, poolDirectory, vm } = await aRunningWorkerVm(database, libvirt)
      const base = path.join(poolDirectory, `${vm.id}.vda.qcow2`)
      const overlay = path.join(poolDirectory, overlayVolume(vm.id, 'vda', randomUUID()))
      const start = async () => {
        startWorkerProcess(place)
        await takenOver(database, nodeId, 1)
      }
      if (when !== 'before it starts') await start()
      await switchBehindLibvirt(libvirt, vm.id, base, overlay)
      await writeAsGuest(libvirt, vm.id, 1, 0).catch(() => {})
      if (when === 'before it starts') await start()
      if (when === 'and libvirtd dies') {
        await libvirt.host.kill('SIGKILL')
        await libvirt.host.restart()
      }
      await agree(vm.id, base)
      await expectAsGuest(libvirt, vm.id, 1, 0)
    },
  )

  test('shows what it cannot repair, and neither stops the VM nor takes a snapshot until it is right', async () => {
    const database = await db
    const { nodeId, place, poolDirectory, vm } = await aRunningWorkerVm(database, libvirt)
    startWorkerProcess(place)
    await takenOver(database, nodeId, 1)
    const base = path.join(poolDirectory, `${vm.id}.vda.qcow2`)
    await switchBehindLibvirt(libvirt, vm.id, base, path.join(poolDirectory, '../foreign.qcow2'))
    const problem = await eventually(async () => (await readVm(database, vm.id))?.diskProblem, foundWithinMs)
    expect(problem.reason).toBe('DISK_CHAIN_UNKNOWN')

    const snapshot = await aSnapshot(database, vm.id)
    const refused: [OperationKind, Record<string, unknown>][] = [
      ['vm.stop', { force: false, timeoutSeconds: 1 }],
      ['vm.stop', { force: true, timeoutSeconds: 0 }],
      ['snapshot.create', { snapshotId: snapshot.id }],
    ]
    for (const [kind, input] of refused) {
      const operation = await ended(database, await request(database, vm, kind, { input }), endsWithinMs)
      expect(operation).toMatchObject({ status: 'failed', error: { code: 'failed_precondition', ...problem } })
      expect(await readVm(database, vm.id)).toMatchObject({ state: 'RUNNING' })
    }

    // An operator merges it.
    const dom = await domainOf(libvirt, vm.id)
    const [disk] = await readQemuDisks(libvirt.connection, dom)
    const known = (await readQemuNodes(libvirt.connection, dom)).find(
      ({ file, drv }) => file === base && drv === 'qcow2',
    )
    const merge = { device: disk?.nodeName, 'base-node': known?.['node-name'], 'job-id': 'operator' }
    await qmp(libvirt.connection, dom, 'block-commit', merge)
    await eventually(async () => {
      const [job] = await qmp<{ ready: boolean }[]>(libvirt.connection, dom, 'query-block-jobs')
      return job?.ready
    })
    await qmp(libvirt.connection, dom, 'block-job-complete', { device: 'operator' })
    await eventually(async () => (await readVm(database, vm.id))?.diskProblem === null, foundWithinMs)
    const stop = await request(database, vm, 'vm.stop', { input: { force: true, timeoutSeconds: 0 } })
    expect(await ended(database, stop, endsWithinMs)).toMatchObject({ status: 'succeeded' })
  })
})
