import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { type LibvirtNode, startLibvirtNode } from '#test/live/hypervisor/libvirt-node.ts'
import { writtenByQemu } from '#worker/hypervisor/libvirt/file-locks.ts'
import { libvirtPoolName } from '#worker/hypervisor/libvirt/storage/pool-names.ts'
import { definedWith } from './a-domain.ts'
import { aPool, fillImage, mib, never } from './a-pool.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`volumes that are files${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  beforeAll(async () => {
    node = await startLibvirtNode({ virtType: 'qemu' })
  })
  afterAll(() => node?.close())

  const image = (name: string) => path.join(node.options.imagesDirectory, name)
  const refusal = (reason: string, code = 'failed_precondition') => expect.objectContaining({ code, reason })

  async function aDomain(diskXml: string) {
    const vmId = randomUUID()
    return { vmId, ...(await definedWith(node.connection, vmId, diskXml)) }
  }

  test('hold what their source holds, and stand alone', async () => {
    const pool = await aPool(node, 'copies')
    fillImage(image('filled.img'), 7, 4)
    execFileSync('qemu-img', ['convert', '-c', '-O', 'qcow2', image('filled.img'), image('filled.qcow2')])
    await pool.make('a', { type: 'image', name: 'filled.img' })
    await pool.make('b', { type: 'image', name: 'filled.qcow2' })
    for (const id of ['a', 'b']) pool.compare(id, image('filled.img'))
    await pool.make('c', { type: 'volume', volumeId: 'a' })
    await node.hypervisor.snapshotVolume(pool.named('a'), 'a-1', never)
    pool.write('a', 8, 1)
    for (const id of ['c', 'a-1']) pool.compare(id, image('filled.img'))
    expect(() => pool.compare('a', image('filled.img'))).toThrow()
    await pool.make('d', { type: 'snapshot', volumeId: 'a-1' })
    pool.compare('d', image('filled.img'))
    for (const id of ['a', 'b', 'c', 'a-1', 'd']) {
      const info = JSON.parse(
        execFileSync('qemu-img', ['info', '--output=json', pool.fileOf(id)], { encoding: 'utf8' }),
      )
      expect(info).not.toHaveProperty('backing-filename')
      expect((await stat(pool.fileOf(id))).mode & 0o777).toBe(0o600)
    }
  })

  test('of a VM that runs grow under its guest, and are neither copied nor deleted', async () => {
    const pool = await aPool(node, 'running')
    await pool.make('data')
    const name = pool.named('data')
    const { diskXml } = await node.hypervisor.describeAttachment(name)
    const vm = await aDomain(diskXml)
    await vm.start()
    await node.hypervisor.resizeVolume(name, 16 * mib)
    await node.hypervisor.resizeVolume(name, 16 * mib)
    expect(await node.hypervisor.findVolume(name)).toMatchObject({ capacityBytes: 16 * mib, vmId: vm.vmId })
    const sizes = execFileSync('virsh', ['-c', node.host.uri, 'domblkinfo', vm.vmId, 'vda'], { encoding: 'utf8' })
    expect(sizes).toMatch(new RegExp(`Capacity: +${16 * mib}`))
    await expect(pool.make('copy', { type: 'volume', volumeId: 'data' })).rejects.toEqual(refusal('VOLUME_IN_USE'))
    const snapshot = node.hypervisor.snapshotVolume(name, 'data-1', never)
    await expect(snapshot).rejects.toEqual(refusal('VOLUME_IN_USE'))
    await expect(node.hypervisor.deleteVolume(name)).rejects.toEqual(refusal('VOLUME_IN_USE'))
    // Undefined, it still runs.
    await vm.undefine()
    await expect(node.hypervisor.deleteVolume(name)).rejects.toEqual(refusal('VOLUME_IN_USE'))
    await expect(node.hypervisor.destroyStoragePool(pool.poolId)).rejects.toEqual(refusal('POOL_IN_USE'))
    await vm.destroy()
    await node.hypervisor.deleteVolume(name)
    expect(await pool.ids()).toEqual([])
  })

  test('are in use by whoever names them: by their pool, or through a link', async () => {
    const pool = await aPool(node, 'named')
    await pool.make('a')
    await pool.make('b')
    const poolName = libvirtPoolName(node.options.nodeId, pool.poolId)
    const disk = (type: string, source: string) =>
      `<disk type='${type}'><driver name='qemu' type='qcow2'/><source ${source}/><target dev='vda' bus='virtio'/></disk>`
    const byPool = await aDomain(disk('volume', `pool='${poolName}' volume='a.qcow2'`))
    const link = path.join(node.host.directory, 'link')
    await symlink(pool.directory, link)
    const byLink = await aDomain(disk('file', `file='${link}/b.qcow2'`))
    expect((await node.hypervisor.listVolumes(pool.poolId)).map(({ vmId }) => vmId)).toEqual([byPool.vmId, byLink.vmId])
    for (const id of ['a', 'b']) {
      await expect(node.hypervisor.deleteVolume(pool.named(id))).rejects.toEqual(refusal('VOLUME_IN_USE'))
    }
    // libvirt has heard of the volume: a VM finds it by its pool.
    await byPool.start()
    await byPool.destroy()
    await byPool.undefine()
    await byLink.undefine()
  })

  test('stay while another one stands on them, which leads QEMU to other files and is no source', async () => {
    const pool = await aPool(node, 'chains')
    await pool.make('base')
    execFileSync('qemu-img', [
      'create',
      '-q',
      '-f',
      'qcow2',
      '-F',
      'qcow2',
      '-b',
      pool.fileOf('base'),
      pool.fileOf('top'),
    ])
    await expect(node.hypervisor.deleteVolume(pool.named('base'))).rejects.toEqual(refusal('VOLUME_IN_USE'))
    const copying = pool.make('copy', { type: 'volume', volumeId: 'top' })
    await expect(copying).rejects.toEqual(refusal('IMAGE_HAS_BACKING_FILE'))
    await node.hypervisor.deleteVolume(pool.named('top'))
    await node.hypervisor.deleteVolume(pool.named('base'))
  })

  test('that somebody’s program writes to stay', async () => {
    const pool = await aPool(node, 'open')
    await pool.make('data')
    const writer = spawn('qemu-io', ['-f', 'qcow2', pool.fileOf('data')], { stdio: ['pipe', 'ignore', 'ignore'] })
    try {
      await vi.waitUntil(async () => (await writtenByQemu([pool.fileOf('data')])).length > 0, 5000)
      await expect(node.hypervisor.deleteVolume(pool.named('data'))).rejects.toEqual(refusal('VOLUME_IN_USE'))
    } finally {
      writer.kill('SIGKILL')
    }
  })

  test('are no links, and nothing that is listed leads out of the pool', async () => {
    const pool = await aPool(node, 'links')
    await symlink('/etc/passwd', pool.fileOf('link'))
    await symlink('/etc', path.join(pool.directory, 'etc'))
    await mkdir(path.join(pool.directory, 'inside'))
    await writeFile(path.join(pool.directory, 'inside', 'notes.txt'), 'text')
    await writeFile(pool.fileOf('text'), 'no image')
    expect(await pool.ids()).toEqual([])
    await expect(pool.make('link')).rejects.toEqual(refusal('VOLUME_EXISTS', 'already_exists'))
    await expect(pool.make('copy', { type: 'volume', volumeId: 'link' })).rejects.toEqual(
      refusal('VOLUME_NOT_FOUND', 'not_found'),
    )
    const list = (directory: string) => node.hypervisor.listPoolFiles(pool.poolId, directory)
    expect((await list('')).map(({ name, isDirectory }) => [name, isDirectory])).toEqual([
      ['etc', false],
      ['inside', true],
      ['link.qcow2', false],
      ['text.qcow2', false],
    ])
    expect(await list('inside')).toMatchObject([{ name: 'notes.txt', sizeBytes: 4 }])
    expect(await list('./inside/')).toHaveLength(1)
    await expect(list('etc')).rejects.toEqual(refusal('DIRECTORY_NOT_FOUND', 'not_found'))
    for (const out of ['..', 'inside/../..', '/etc', 'a\nb']) {
      await expect(list(out)).rejects.toEqual(refusal('INVALID_PATH', 'invalid_argument'))
    }
  })

  test('that are given up in the middle leave nothing', async () => {
    const pool = await aPool(node, 'given-up')
    fillImage(image('large.img'), 9, 128)
    const given = new AbortController()
    const making = pool.make('large', { type: 'image', name: 'large.img' }, given.signal)
    const failed = making.catch((error: unknown) => error)
    await vi.waitUntil(async () => (await readdir(pool.directory)).length > 0, { interval: 1 })
    const meanwhile = pool.make('copy', { type: 'volume', volumeId: 'large' }).catch((error: unknown) => error)
    given.abort(new Error('given up'))
    expect(await failed).toMatchObject({ message: 'given up' })
    expect(await meanwhile).toEqual(refusal('VOLUME_NOT_FOUND', 'not_found'))
    expect(await readdir(pool.directory)).toEqual([])
    await rm(image('large.img'))
  })

  test('that somebody else put there first are not taken for those that were asked for', async () => {
    const pool = await aPool(node, 'outrun')
    fillImage(image('large.img'), 9, 128)
    const make = () => pool.make('data', { type: 'image', name: 'large.img' })
    const making = make().catch((error: unknown) => error)
    await vi.waitUntil(async () => (await readdir(pool.directory)).length > 0, { interval: 1 })
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', pool.fileOf('data'), '1M'])
    expect(await making).toEqual(refusal('VOLUME_EXISTS', 'already_exists'))
    await expect(make()).rejects.toEqual(refusal('VOLUME_EXISTS', 'already_exists'))
    expect(await pool.ids()).toEqual(['data'])
    await rm(image('large.img'))
  })
})
