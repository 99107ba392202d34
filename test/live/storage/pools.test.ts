import { execFileSync, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import { type LibvirtNode, startLibvirtNode } from '#test/live/hypervisor/libvirt-node.ts'
import { goldenPools } from '#test/worker/hypervisor/libvirt/storage/pools.ts'
import { remote } from '#worker/hypervisor/libvirt/rpc/protocol.gen.ts'
import { libvirtPoolName } from '#worker/hypervisor/libvirt/storage/pool-names.ts'
import { poolXml, secretXml } from '#worker/hypervisor/libvirt/storage/pool-xml.ts'
import { aPool, fillImage, mib } from './a-pool.ts'

const unavailable = libvirtAvailable()
const program = fileURLToPath(new URL('copying-worker.ts', import.meta.url))

describe.skipIf(unavailable)(`storage pools${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let node: LibvirtNode
  let full: string
  beforeAll(async () => {
    full = mkdtempSync(path.join(tmpdir(), 'qfull-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m,mode=711', 'quantix-test', full])
    node = await startLibvirtNode({ virtType: 'qemu' })
  })
  afterAll(async () => {
    await node?.close()
    execFileSync('umount', [full])
    rmSync(full, { recursive: true })
  })

  const virsh = (...args: string[]) => execFileSync('virsh', ['-c', node.host.uri, ...args], { encoding: 'utf8' })
  const nameOf = (poolId: string) => libvirtPoolName(node.options.nodeId, poolId)
  const allowed = () => node.options.poolDirectories[0] ?? ''
  const refusal = (reason: string, code = 'failed_precondition') => expect.objectContaining({ code, reason })
  const init = (poolId: string, directory: string, hypervisor = node.hypervisor) =>
    hypervisor.initStoragePool({ poolId, source: { type: 'local-dir', path: directory }, secret: null })

  test.for(Object.entries(goldenPools))(
    'are defined by a real libvirt, with their secret: %s',
    async ([, pool], { skip }) => {
      const type = /<pool type="([^"]+)"/.exec(poolXml(pool))?.[1]
      const isKnown = new RegExp(`<pool type='${type}' supported='yes'>`).test(virsh('pool-capabilities'))
      skip(!isKnown, `libvirt's storage driver for ${type} is not installed`)
      const { secret } = await node.connection.call(remote.secretDefineXml, { xml: secretXml(pool), flags: 0 })
      const { pool: defined } = await node.connection.call(remote.storagePoolDefineXml, {
        xml: poolXml(pool),
        flags: 0,
      })
      expect(virsh('pool-dumpxml', defined.name)).toContain(pool.uuid)
      await node.connection.call(remote.storagePoolUndefine, { pool: defined })
      await node.connection.call(remote.secretUndefine, { secret })
    },
  )

  test('are libvirt’s, and start with it; those of others and the worker’s own are none of them', async () => {
    const pool = await aPool(node, 'seen')
    await pool.make('data')
    const foreign = path.join(node.host.directory, 'foreign')
    virsh('pool-create-as', 'foreign', 'dir', '--target', foreign, '--build')
    expect(virsh('pool-info', nameOf('seen'))).toMatch(/State: +running\n.*\nAutostart: +yes/)
    expect(virsh('vol-list', nameOf('seen'))).toContain('data.qcow2')
    const ids = async () => (await node.hypervisor.listStoragePools()).map(({ poolId }) => poolId)
    expect(await ids()).toEqual(['seen'])
    await node.hypervisor.destroyStoragePool('seen')
    expect(await ids()).toEqual([])
    expect(virsh('pool-list', '--all', '--name').trim().split(/\s+/).sort()).toEqual(
      ['foreign', `quantix-${node.options.nodeId.slice(0, 8)}`].sort(),
    )
    expect(await readdir(pool.directory)).toEqual(['data.qcow2'])
  })

  test.for([
    ['stopped', (name: string) => virsh('pool-destroy', name)],
    ['undefined', (name: string) => [virsh('pool-destroy', name), virsh('pool-undefine', name)]],
  ] as const)('are usable again when somebody has %s them', async ([how, sabotage]) => {
    const pool = await aPool(node, `was-${how}`)
    await pool.make('data')
    sabotage(nameOf(pool.poolId))
    expect(await pool.ids()).toEqual(['data'])
    expect(virsh('pool-info', nameOf(pool.poolId))).toMatch(/State: +running/)
  })

  test('outlive the worker and libvirtd', async () => {
    const pool = await aPool(node, 'lasting')
    await pool.make('data')
    await node.host.restart()
    const next = await node.reopen()
    expect(await next.findStoragePool('lasting')).toMatchObject({ active: true, volumeCount: 1 })
    // What it was asked to be is known: the same request finds it.
    expect(
      await next.createVolume(
        { ...pool.named('data'), sizeBytes: 8 * mib, source: { type: 'empty' } },
        new AbortController().signal,
      ),
    ).toMatchObject({
      volumeId: 'data',
    })
  })

  test('are started by a worker that begins', async () => {
    const { poolId } = await aPool(node, 'begun')
    virsh('pool-destroy', nameOf(poolId))
    await node.reopen()
    await expect.poll(() => virsh('pool-info', nameOf(poolId))).toMatch(/State: +running/)
  })

  test('that a worker has forgotten are the same when they are made again', async () => {
    const pool = await aPool(node, 'forgotten')
    await pool.make('data')
    await rm(path.join(node.options.stateDirectory, 'storage-pools', 'forgotten.json'))
    await expect(pool.ids()).rejects.toEqual(refusal('POOL_NOT_FOUND', 'not_found'))
    expect(await init('forgotten', pool.directory)).toMatchObject({ active: true, volumeCount: 1 })
    // Nobody knows what it was asked to be.
    await expect(pool.make('data')).rejects.toEqual(refusal('VOLUME_EXISTS', 'already_exists'))
  })

  test('whose directory is gone say so, and are whole again when they are made again', async () => {
    const pool = await aPool(node, 'removed')
    await pool.make('data')
    await rm(pool.directory, { recursive: true })
    const gone = expect.stringContaining(pool.directory)
    expect(await node.hypervisor.findStoragePool('removed')).toMatchObject({
      active: false,
      problem: gone,
      volumeCount: 0,
    })
    await expect(pool.make('more')).rejects.toEqual(refusal('POOL_DIRECTORY_MISSING'))
    expect(await init('removed', pool.directory)).toMatchObject({ active: true })
    expect(await pool.make('data')).toMatchObject({ volumeId: 'data' })
    // Nobody puts another one in its place.
    await rm(pool.directory, { recursive: true })
    await symlink('/etc', pool.directory)
    await expect(pool.ids()).rejects.toEqual(refusal('POOL_DIRECTORY_MISSING'))
    await expect(init('removed', pool.directory)).rejects.toEqual(refusal('POOL_PATH_NOT_ALLOWED'))
  })

  test('are only where the node allows it, whatever the path looks like', async () => {
    await mkdir(allowed(), { recursive: true })
    await symlink('/etc', path.join(allowed(), 'etc'))
    await symlink('/nowhere', path.join(allowed(), 'nowhere'))
    await writeFile(path.join(allowed(), 'file'), '')
    for (const part of ['etc', 'etc/new', 'nowhere', 'nowhere/new', 'file', 'file/new', '']) {
      const made = init('outside', path.join(allowed(), part)).catch((error: unknown) => error)
      expect(await made, part).toEqual(refusal('POOL_PATH_NOT_ALLOWED'))
    }
    await expect(init('outside', '/etc')).rejects.toThrow(allowed())
    await expect(node.hypervisor.findStoragePool('outside')).rejects.toEqual(refusal('POOL_NOT_FOUND', 'not_found'))
  })

  test('do not overlap, and hold nothing that is the worker’s own', async () => {
    const wide = await node.reopen({ poolDirectories: ['/tmp', node.host.directory] })
    const { directory } = await aPool(node, 'outer')
    const places = [
      directory,
      path.join(directory, 'inner'),
      allowed(),
      node.options.poolDirectory,
      path.join(node.options.imagesDirectory, 'pool'),
    ]
    for (const place of places)
      await expect(init('overlapping', place, wide), place).rejects.toEqual(refusal('POOL_SOURCE_TAKEN'))
    virsh('pool-create-as', 'others', 'dir', '--target', path.join(allowed(), 'others'), '--build')
    const error = await init('overlapping', path.join(allowed(), 'others'), wide).catch((refused) => refused)
    expect(error).toEqual(refusal('POOL_SOURCE_TAKEN'))
    expect(error.message).toContain('"others"')
    expect(await readdir(path.join(node.options.stateDirectory, 'storage-pools'))).not.toContain('overlapping.json')
  })

  test('that are made at once do not overlap either', async () => {
    const outer = path.join(allowed(), 'at-once')
    for (let attempt = 0; attempt < 5; attempt++) {
      const making = [init('at-once-outer', outer), init('at-once-inner', path.join(outer, 'inner'))]
      const [made, other] = (await Promise.allSettled(making)).sort((a, b) => (a.status < b.status ? -1 : 1))
      expect(made).toMatchObject({ status: 'fulfilled' })
      expect(other).toMatchObject({ status: 'rejected', reason: refusal('POOL_SOURCE_TAKEN') })
      for (const poolId of ['at-once-outer', 'at-once-inner']) await node.hypervisor.destroyStoragePool(poolId)
    }
  })

  test('on an NFS export that the node cannot mount are not made', async ({ onTestFinished, skip }) => {
    const kernel = readFileSync('/proc/filesystems', 'utf8')
    skip(kernel.includes('nfs'), 'this kernel has NFS')
    // An address of its own, for the port is NFS's.
    const server = createServer((socket) => socket.once('data', () => socket.write('a word')))
    const address = `127.77.${randomInt(256)}.${randomInt(1, 255)}`
    await once(server.listen(2049, address), 'listening')
    onTestFinished(() => void server.close())
    const source = { type: 'nfs', server: address, exportPath: '/export', version: '4.2' } as const
    const making = node.hypervisor.initStoragePool({ poolId: 'nfs', source, secret: null })
    await expect(making).rejects.toEqual(refusal('POOL_UNUSABLE'))
    await expect(making).rejects.toThrow(/unknown filesystem type 'nfs'|bad option|mount/)
    await expect(node.hypervisor.findStoragePool('nfs')).rejects.toEqual(refusal('POOL_NOT_FOUND', 'not_found'))
    expect(virsh('pool-list', '--all', '--name')).not.toContain(nameOf('nfs'))
  })

  test('that are full take no more, and keep nothing of what they could not take', async () => {
    const hypervisor = await node.reopen({ poolDirectories: [full] })
    const directory = path.join(full, 'pool')
    await init('full', directory, hypervisor)
    // Compressed, it seems to fit.
    const [raw, small] = ['raw.img', 'small.qcow2'].map((name) => path.join(node.options.imagesDirectory, name))
    fillImage(raw ?? '', 5, 48)
    execFileSync('qemu-img', ['convert', '-c', '-O', 'qcow2', raw ?? '', small ?? ''])
    for (const name of ['raw.img', 'small.qcow2']) {
      const source = { type: 'image', name } as const
      const making = hypervisor.createVolume(
        { poolId: 'full', volumeId: 'data', sizeBytes: null, source },
        new AbortController().signal,
      )
      await expect(making, name).rejects.toEqual(refusal('POOL_FULL', 'resource_exhausted'))
      expect(await readdir(directory)).toEqual([])
    }
    await hypervisor.destroyStoragePool('full')
  })

  test('forget a copy whose worker was killed, and hold it when it is asked for again', async () => {
    const pool = await aPool(node, 'killed')
    fillImage(path.join(node.options.imagesDirectory, 'large.img'), 6, 128)
    const source = { type: 'image', name: 'large.img' } as const
    const volume = { ...pool.named('data'), sizeBytes: null, source }
    const { log: _, ...options } = node.options
    const worker = spawn(process.execPath, [program, JSON.stringify({ options, volume })], { stdio: 'ignore' })
    await vi.waitUntil(async () => (await readdir(pool.directory)).length > 0, { interval: 1, timeout: 20_000 })
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    const [left = ''] = await readdir(pool.directory)
    expect(left).toMatch(/^\.new-/)
    expect(await pool.ids()).toEqual([])
    // The next volume takes it away.
    const next = await node.reopen()
    await next.createVolume(
      { ...pool.named('other'), sizeBytes: mib, source: { type: 'empty' } },
      new AbortController().signal,
    )
    expect(await readdir(pool.directory)).toEqual(['other.qcow2'])
    expect(await next.createVolume(volume, new AbortController().signal)).toMatchObject({ capacityBytes: 128 * mib })
    pool.compare('data', path.join(node.options.imagesDirectory, 'large.img'))
  })
})
