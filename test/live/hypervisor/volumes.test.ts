import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { aDefinition } from '#test/support/vm-spec.ts'
import { readVmVolumes } from '#worker/hypervisor/libvirt/snapshot/volumes.ts'
import { storagePool } from '#worker/hypervisor/libvirt/storage-pool.ts'
import { attachedVolume } from '#worker/hypervisor/storage-names.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, aVm, filesOf, snapshotOf } from './node-vms.ts'

const run = promisify(execFile)
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

  test('a volume that stands on a file which is no image of the node is no disk', async () => {
    const { poolDirectory } = node.options
    const volume = `volume-${randomUUID()}.qcow2`
    const file = join(poolDirectory, volume)
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', '/etc/passwd', '-F', 'raw', file, '1G'])
    const vmId = randomUUID()
    const as = attachedVolume(vmId, 'vdb', randomUUID())
    const take = () => node.hypervisor.takeVolume({ vmId, volume, as })
    await expect(take()).rejects.toMatchObject({ code: 'not_found', reason: 'BASE_IMAGE_NOT_FOUND' })
    await writeFile(join(node.options.imagesDirectory, 'passwd'), Buffer.alloc(512))
    await expect(take()).rejects.toMatchObject({ code: 'failed_precondition', reason: 'IMAGE_HAS_BACKING_FILE' })
    await writeFile(file, 'no qcow2')
    await expect(take()).rejects.toMatchObject({ code: 'failed_precondition', reason: 'IMAGE_FORMAT_MISMATCH' })
    expect(await filesOf(node, vmId)).toEqual([])
  })

  test('a clone that was kept says what it stands on', async () => {
    await node.addImage('base.raw', 1.5 * 2 ** 30)
    const { vmId } = aDefinition()
    await node.hypervisor.createDisk({ vmId, target: 'vda', baseImage: 'base.raw' })
    await node.hypervisor.createDisk({ vmId, target: 'vdb', baseImage: 'base.raw', sizeGib: 3 })
    for (const [target, content] of [
      ['vda', { baseImage: 'base.raw' }],
      ['vdb', { baseImage: 'base.raw', sizeGib: 3 }],
    ] as const) {
      const volume = `volume-${randomUUID()}.qcow2`
      await node.hypervisor.keepVolume(vmId, `${vmId}.${target}.qcow2`, volume)
      const as = attachedVolume(vmId, target, randomUUID())
      expect(await node.hypervisor.takeVolume({ vmId, volume, as })).toEqual(content)
    }
    await node.hypervisor.deleteVmFiles(vmId)
  })
})
