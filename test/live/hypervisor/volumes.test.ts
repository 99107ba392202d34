import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { readVmVolumes } from '#worker/hypervisor/libvirt/snapshot/volumes.ts'
import { storagePool } from '#worker/hypervisor/libvirt/storage-pool.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, aVm, snapshotOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`a VM's files${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await node.addImage('base.img', 2 ** 26)
  })
  afterAll(() => node?.close())

  const poolOf = ({ connection, options }: LibvirtNode) =>
    storagePool(connection, { name: `quantix-${options.nodeId.slice(0, 8)}`, path: options.poolDirectory })

  test('read from the files themselves, are what libvirt finds in them', async () => {
    const vmId = await aRunningVm(node, { disks: [{ baseImage: 'base.img' }, { sizeGib: 2 }] })
    for (const includeMemory of [false, true]) await node.hypervisor.createSnapshot(snapshotOf(vmId, { includeMemory }))
    await node.hypervisor.destroyVm(vmId)
    const pool = poolOf(node)
    const names = (await pool.list()).filter((name) => name.startsWith(vmId))
    const volumes = await readVmVolumes(pool, vmId)
    expect([...volumes.keys()].toSorted()).toEqual(names.toSorted())
    expect(names).toHaveLength(2 * 3 + 1)
    for (const [name, { path, allocationBytes, capacityBytes, backing }] of volumes) {
      const expected = await pool.read(name)
      expect({ path, allocationBytes, backing }, name).toEqual({
        path: expected?.path,
        allocationBytes: expected?.allocationBytes,
        backing: expected?.backing,
      })
      if (name.endsWith('.qcow2')) expect(capacityBytes, name).toBe(expected?.capacityBytes)
    }
    expect([...volumes.values()].map(({ backing }) => backing?.format)).toContain('raw')
  })

  test('that are another VM’s are not among them', async () => {
    const [vmId, other] = [await aVm(node), await aVm(node)]
    expect([...(await readVmVolumes(poolOf(node), vmId)).keys()]).toEqual([`${vmId}.vda.qcow2`])
    expect([...(await readVmVolumes(poolOf(node), other)).keys()]).toEqual([`${other}.vda.qcow2`])
  })

  test('one that libvirt has not seen yet is removed all the same', async () => {
    const vmId = await aRunningVm(node)
    const { disks } = await node.hypervisor.createSnapshot(snapshotOf(vmId))
    await node.hypervisor.destroyVm(vmId)
    const pool = poolOf(node)
    const names = [...(await readVmVolumes(pool, vmId)).keys()]
    const overlay = names.find((name) => name !== disks[0]?.volume) ?? ''
    await pool.remove(overlay)
    expect([...(await readVmVolumes(pool, vmId)).keys()]).toEqual([disks[0]?.volume])
  })
})
