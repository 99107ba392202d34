import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdir, rm, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { type LibvirtNode, startLibvirtNode } from './libvirt-node.ts'
import { aRunningVm, aVm, filesOf } from './node-vms.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`the worker's pool${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
    await node.hypervisor.probeCpuModes()
  })
  afterAll(() => node?.close())

  const poolName = () => `quantix-${node.options.nodeId.slice(0, 8)}`
  const findPool = async () => (await node.connection.call(remote.storagePoolLookupByName, { name: poolName() })).pool
  const image = (name: string, ...options: string[]) =>
    execFileSync('qemu-img', ['create', '-q', ...options, path.join(node.options.imagesDirectory, name), '64M'])
  const info = (vmId: string, target: string) => {
    const file = path.join(node.options.poolDirectory, `${vmId}.${target}.qcow2`)
    return JSON.parse(execFileSync('qemu-img', ['info', '-U', '--output=json', file], { encoding: 'utf8' }))
  }

  test.for([
    ['stopped', async () => node.connection.call(remote.storagePoolDestroy, { pool: await findPool() })],
    [
      'undefined',
      async () => {
        const pool = await findPool()
        await node.connection.call(remote.storagePoolDestroy, { pool })
        await node.connection.call(remote.storagePoolUndefine, { pool })
      },
    ],
    [
      'undefined, and its directory removed',
      async () => {
        const pool = await findPool()
        await node.connection.call(remote.storagePoolDestroy, { pool })
        await node.connection.call(remote.storagePoolUndefine, { pool })
        await rm(node.options.poolDirectory, { recursive: true })
      },
    ],
  ] as const)('is made again when somebody has %s it', async ([, sabotage]) => {
    await sabotage()
    const vmId = await aVm(node)
    expect(await filesOf(node, vmId)).toEqual([`${vmId}.vda.qcow2`])
  })

  test('is not taken from somebody who has that name for another directory', async () => {
    const nodeId = randomUUID()
    const elsewhere = path.join(node.host.directory, 'elsewhere')
    const first = await node.reopen({ nodeId, poolDirectory: elsewhere })
    await first.close()
    const error = await node.reopen({ nodeId }).catch((refused) => refused)
    expect(error).toMatchObject({ code: 'failed_precondition', reason: 'STORAGE_POOL_ELSEWHERE' })
    expect(error.message).toContain(elsewhere)
  })

  test('is not made over another worker’s, and says how to remove the one of a worker that is gone', async () => {
    const error = await node.reopen({ nodeId: randomUUID() }).catch((refused) => refused)
    expect(error).toMatchObject({ code: 'failed_precondition', reason: 'STORAGE_POOL_ELSEWHERE' })
    const other = `quantix-${node.options.nodeId.slice(0, 8)}`
    expect(error.message).toContain(`virsh pool-destroy ${other}; virsh pool-undefine ${other}`)
  })

  test('gets a disk again that is half made or of another size, but not under a VM that is defined', async () => {
    const vmId = randomUUID()
    const disk = { vmId, target: 'vda', sizeGib: 1 }
    await writeFile(path.join(node.options.poolDirectory, `${vmId}.vda.qcow2`), 'half')
    await node.hypervisor.createDisk(disk)
    await node.hypervisor.createDisk({ ...disk, sizeGib: 2 })
    expect(info(vmId, 'vda')).toMatchObject({ format: 'qcow2', 'virtual-size': 2 * 2 ** 30 })

    const defined = await aVm(node)
    await expect(node.hypervisor.createDisk({ vmId: defined, target: 'vda', sizeGib: 2 })).rejects.toMatchObject({
      code: 'failed_precondition',
      reason: 'DISK_IN_USE',
    })
  })

  test("loses a VM's files and no others", async () => {
    const [vmId, other] = [await aVm(node), await aVm(node)]
    await writeFile(path.join(node.options.poolDirectory, `${vmId}.left-over.mem`), 'x')
    await writeFile(path.join(node.options.poolDirectory, 'not-ours.qcow2'), 'x')
    await node.hypervisor.undefineVm(vmId)
    await node.hypervisor.deleteVmFiles(vmId)
    expect(await filesOf(node, vmId)).toEqual([])
    expect(await readdir(node.options.poolDirectory)).toEqual(
      expect.arrayContaining(['not-ours.qcow2', `${other}.vda.qcow2`]),
    )
  })

  test.for([
    ['qcow2', 'base.qcow2', ['-f', 'qcow2']],
    ['raw', 'base.img', ['-f', 'raw']],
  ] as const)('makes clones that state the format of a %s base image', async ([format, name, options]) => {
    image(name, ...options)
    const vmId = await aRunningVm(node, { disks: [{ baseImage: name }] })
    expect(info(vmId, 'vda')).toMatchObject({
      'virtual-size': 64 * 2 ** 20,
      'full-backing-filename': path.join(node.options.imagesDirectory, name),
      'backing-filename-format': format,
    })
  })

  test('clones no image that leads QEMU to another file', async () => {
    image('real.qcow2', '-f', 'qcow2')
    image('overlay.qcow2', '-f', 'qcow2', '-F', 'raw', '-b', '/etc/passwd')
    image('data-file.qcow2', '-f', 'qcow2', '-o', `data_file=${path.join(node.host.directory, 'data')}`)
    image('disk.vmdk', '-f', 'vmdk')
    const refused = [
      [
        'overlay.qcow2',
        'IMAGE_HAS_BACKING_FILE',
        /^The base image "overlay.qcow2" cannot be used: it has a backing file.*convert/,
      ],
      ['data-file.qcow2', 'IMAGE_HAS_DATA_FILE', /keeps its data in another file.*convert/],
      ['disk.vmdk', 'IMAGE_FORMAT_NOT_SUPPORTED', /it is VMDK.*convert/],
    ] as const
    for (const [baseImage, reason, message] of refused) {
      const vmId = randomUUID()
      await expect(node.hypervisor.createDisk({ vmId, target: 'vda', baseImage })).rejects.toMatchObject({
        ...{ code: 'failed_precondition', reason },
        message: expect.stringMatching(message),
      })
      expect(await filesOf(node, vmId)).toEqual([])
    }
    await symlink('/etc/passwd', path.join(node.options.imagesDirectory, 'link.img'))
    const linked = node.hypervisor.createDisk({ vmId: randomUUID(), target: 'vda', baseImage: 'link.img' })
    await expect(linked).rejects.toMatchObject({ code: 'not_found', reason: 'BASE_IMAGE_NOT_FOUND' })
  })

  test('gives no VM a CD that is something else', async () => {
    image('disk.iso', '-f', 'qcow2')
    await expect(aVm(node, { cdroms: [{ iso: 'disk.iso' }] })).rejects.toMatchObject({
      ...{ code: 'failed_precondition', reason: 'IMAGE_FORMAT_MISMATCH' },
      message: expect.stringMatching(/^The ISO "disk.iso" cannot be used: its content is qcow2/),
    })
  })
})
