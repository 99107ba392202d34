import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DiskSpec } from '#db/vm-spec.ts'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { anOperation, readVm } from '#test/db/rows.ts'
import { createTestDatabase } from '#test/support/database.ts'
import { aSpec } from '#test/support/vm-spec.ts'
import { startWorkerProcess } from '#test/worker/worker-process.ts'
import { libvirtDevices } from '../hypervisor/libvirt-devices.ts'
import { type LibvirtNode, startLibvirtNode } from '../hypervisor/libvirt-node.ts'
import { sourcesOf } from '../hypervisor/node-vms.ts'
import { aRunningWorkerVm, ended, request, takenOver } from './live-worker.ts'

const unavailable = libvirtAvailable()
/** From when the new worker runs, which on a busy machine may be long after it was started. */
const resumeMs = 30_000
// A disk that no guest is needed to let go of.
const [disk] = aSpec({ disks: [{ sizeGib: 1, bus: 'scsi' }] }).disks as [DiskSpec]

describe.skipIf(unavailable)(`a worker killed at a device${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  const db = createTestDatabase()
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
  })
  afterAll(() => node?.close())

  test.for([
    ['make-disk/after', 'unplug/before+5'],
    ['attach/before+10', 'release/after'],
  ] as const)(
    'in disk.attach at %s leaves one more disk, and in disk.detach at %s one volume',
    async ([inAttach, inDetach]) => {
      const database = await db
      const { nodeId, place, poolDirectory, vm } = await aRunningWorkerVm(database, node)

      const attach = await anOperation(database, vm, 'disk.attach', { input: { disk } })
      expect(await startWorkerProcess(place, inAttach).ended).toBe('SIGKILL')
      const second = startWorkerProcess(place, inDetach)
      await takenOver(database, nodeId, 2)
      expect(await ended(database, attach, resumeMs)).toMatchObject({ status: 'succeeded', attempt: 2 })
      expect(await readVm(database, vm.id)).toMatchObject({
        state: 'RUNNING',
        message: '',
        spec: { ...vm.spec, disks: [...vm.spec.disks, disk] },
      })
      const two = { disks: ['vda', 'sda'], media: {}, nics: [] }
      expect(await libvirtDevices(node, vm.id)).toEqual({ live: two, inactive: two })
      const { live, inactive, qemu } = await sourcesOf(node, vm.id)
      expect([inactive, qemu]).toEqual([live, live])
      expect((await readdir(poolDirectory)).sort()).toEqual(live.map((file) => file?.split('/').at(-1)).sort())

      const input = { target: 'sda', deleteData: false, timeoutSeconds: 30 }
      const detach = await request(database, vm, 'disk.detach', { input })
      expect(await second.ended).toBe('SIGKILL')
      startWorkerProcess(place)
      await takenOver(database, nodeId, 3)
      const done = await ended(database, detach, resumeMs)
      expect(done).toMatchObject({ status: 'succeeded', attempt: 2 })
      expect((await readVm(database, vm.id))?.spec).toEqual(vm.spec)
      const one = { ...two, disks: ['vda'] }
      expect(await libvirtDevices(node, vm.id)).toEqual({ live: one, inactive: one })
      const kept = done.result?.volumes?.map(({ volume }) => volume) ?? []
      expect(kept).toHaveLength(1)
      expect((await readdir(poolDirectory)).sort()).toEqual([`${vm.id}.vda.qcow2`, ...kept].sort())
    },
  )
})
