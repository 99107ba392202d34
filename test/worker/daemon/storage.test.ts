import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import type { InitStoragePoolRequest } from '#proto/gen/limiquantix/node/v1/InitStoragePoolRequest.ts'
import type { StoragePoolConfig } from '#proto/gen/limiquantix/node/v1/StoragePoolConfig.ts'
import type { StoragePoolType } from '#proto/gen/limiquantix/node/v1/StoragePoolType.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { aDaemon, aStateDirectory, call, type OnTestFinished } from './daemon.ts'

async function start(onTestFinished: OnTestFinished) {
  const hypervisor = createSimulatedHypervisor({ poolDirectories: ['/srv'] })
  const daemon = await aDaemon(hypervisor, aStateDirectory(onTestFinished))
  onTestFinished(() => daemon.close())
  return { ...daemon, hypervisor }
}

const mib = 2 ** 20
const local = { path: '/srv/fast' }
const fast: InitStoragePoolRequest = {
  poolId: 'fast',
  type: 'STORAGE_POOL_TYPE_LOCAL_DIR',
  config: { local },
}
const empty = { poolId: 'fast', volumeId: 'data', sizeBytes: 8 * mib }

test('a pool and its volumes go through their whole life by gRPC', async ({ onTestFinished }) => {
  const { client, hypervisor } = await start(onTestFinished)
  const made = await call(client, 'InitStoragePool', fast)
  expect(made).toMatchObject({ poolId: 'fast', type: fast.type, mountPath: '/srv/fast', active: true, problem: '' })
  expect(made.availableBytes).toBe(made.totalBytes)
  const volume = await call(client, 'CreateVolume', empty)
  expect(volume).toEqual({
    ...{ volumeId: 'data', poolId: 'fast', sizeBytes: 8 * mib, format: 'qcow2', attachedTo: '' },
    path: '/srv/fast/data.qcow2',
  })
  await call(client, 'ResizeVolume', { ...empty, newSizeBytes: 16 * mib })
  await call(client, 'CloneVolume', { poolId: 'fast', sourceVolumeId: 'data', destVolumeId: 'copy' })
  await call(client, 'CreateVolumeSnapshot', { ...empty, snapshotId: 'monday' })
  await call(client, 'CreateVolume', {
    ...{ poolId: 'fast', volumeId: 'back', sourceType: 'VOLUME_SOURCE_TYPE_SNAPSHOT', sourceId: 'monday' },
  })
  hypervisor.changeVolumeUser({ poolId: 'fast', volumeId: 'back' }, 'a-vm')
  const { volumes } = await call(client, 'ListVolumes', { poolId: 'fast' })
  expect(volumes.map(({ volumeId, sizeBytes, attachedTo }) => [volumeId, sizeBytes / mib, attachedTo])).toEqual([
    ['back', 16, 'a-vm'],
    ['copy', 16, ''],
    ['data', 16, ''],
    ['monday', 16, ''],
  ])
  const { entries, currentPath } = await call(client, 'ListStoragePoolFiles', { poolId: 'fast', path: '/' })
  expect([currentPath, entries[0]]).toEqual([
    '',
    expect.objectContaining({ path: 'back.qcow2', isDirectory: false, fileType: 'qcow2', permissions: 'rw-------' }),
  ])
  const attachment = await call(client, 'GetVolumeAttachInfo', { ...empty })
  expect(attachment).toMatchObject({ volumeId: 'data', path: '/srv/fast/data.qcow2' })
  expect(attachment.diskXml).toContain('<source file="/srv/fast/data.qcow2"/>')

  const inUse = call(client, 'DestroyStoragePool', { poolId: 'fast' })
  await expect(inUse).rejects.toMatchObject({ code: status.FAILED_PRECONDITION })
  hypervisor.changeVolumeUser({ poolId: 'fast', volumeId: 'back' }, null)
  await call(client, 'DeleteVolume', { ...empty })
  const info = await call(client, 'GetStoragePoolInfo', { poolId: 'fast' })
  expect(info.volumeCount).toBe(3)
  hypervisor.changePoolProblem('fast', 'It is gone.')
  expect((await call(client, 'ListStoragePools', {})).pools).toMatchObject([
    { poolId: 'fast', active: false, problem: 'It is gone.', totalBytes: 0 },
  ])
  await call(client, 'DestroyStoragePool', { poolId: 'fast' })
  await expect(call(client, 'ListVolumes', { poolId: 'fast' })).rejects.toMatchObject({ code: status.NOT_FOUND })
})

const pool = (type: StoragePoolType, config: StoragePoolConfig | null): InitStoragePoolRequest => ({
  poolId: 'pool',
  type,
  config,
})
const nfs = { server: '192.0.2.1', exportPath: '/export' }
const iscsi = { portal: '192.0.2.1:3260', target: 'iqn.2003-01.org.example:disk' }
const ceph = { poolName: 'rbd', monitors: ['192.0.2.1:6789'] }

const refusedPools: [string, InitStoragePoolRequest, number, RegExp][] = [
  ['of no type', { poolId: 'pool', config: { local } }, status.INVALID_ARGUMENT, /type must be said/],
  ['of a path', { ...fast, poolId: '../pool' }, status.INVALID_ARGUMENT, /poolId must be a plain name/],
  ['without its part', pool('STORAGE_POOL_TYPE_NFS', { local }), status.INVALID_ARGUMENT, /config.nfs must be there/],
  ['with another part', pool('STORAGE_POOL_TYPE_NFS', { local, nfs }), status.INVALID_ARGUMENT, /no other part/],
  ['of a volume group', pool('STORAGE_POOL_TYPE_LOCAL_LVM', null), status.UNIMPLEMENTED, /LOCAL_DIR pool/],
  ['of a Ceph file system', pool('STORAGE_POOL_TYPE_CEPH_FS', { ceph }), status.UNIMPLEMENTED, /Mount it on the node/],
  [
    'of a directory with bounds',
    pool('STORAGE_POOL_TYPE_LOCAL_DIR', { local: { path: '/srv/a', capacityGib: 5 } }),
    status.INVALID_ARGUMENT,
    /config.local.capacityGib must be 0.*file system of its own/,
  ],
  [
    'of a directory with steps back',
    pool('STORAGE_POOL_TYPE_LOCAL_DIR', { local: { path: '/srv/../etc' } }),
    status.INVALID_ARGUMENT,
    /config.local.path must not contain/,
  ],
  [
    'of a directory that is not allowed',
    pool('STORAGE_POOL_TYPE_LOCAL_DIR', { local: { path: '/etc' } }),
    status.FAILED_PRECONDITION,
    /not below .*\/srv.*QUANTIX_POOL_DIRECTORIES/,
  ],
  [
    'with mount options',
    pool('STORAGE_POOL_TYPE_NFS', { nfs: { ...nfs, options: 'exec' } }),
    status.INVALID_ARGUMENT,
    /config.nfs.options must be empty/,
  ],
  [
    'of no version of NFS',
    pool('STORAGE_POOL_TYPE_NFS', { nfs: { ...nfs, version: '2' } }),
    status.INVALID_ARGUMENT,
    /config.nfs.version/,
  ],
  [
    'of no target',
    pool('STORAGE_POOL_TYPE_ISCSI', { iscsi: { ...iscsi, target: 'disk' } }),
    status.INVALID_ARGUMENT,
    /config.iscsi.target must be an iSCSI name/,
  ],
  [
    'with a password and no user',
    pool('STORAGE_POOL_TYPE_ISCSI', { iscsi: { ...iscsi, chapEnabled: true, chapPassword: 'open sesame' } }),
    status.INVALID_ARGUMENT,
    /chapEnabled goes with chap_user and chap_password/,
  ],
  [
    'with a key ring that is anywhere',
    pool('STORAGE_POOL_TYPE_CEPH_RBD', { ceph: { ...ceph, user: 'admin', keyringPath: '/etc/ceph/../shadow' } }),
    status.INVALID_ARGUMENT,
    /keyringPath it must be a file in \/etc\/ceph/,
  ],
]

test.for(refusedPools)('no pool %s is made', async ([, request, code, details], { onTestFinished }) => {
  const { client } = await start(onTestFinished)
  const making = call(client, 'InitStoragePool', request)
  await expect(making).rejects.toMatchObject({ code, details: expect.stringMatching(details) })
  await expect(making).rejects.not.toMatchObject({ details: expect.stringContaining('sesame') })
  expect((await call(client, 'ListStoragePools', {})).pools).toEqual([])
})

const goodPools: [string, InitStoragePoolRequest][] = [
  ['an NFS export', pool('STORAGE_POOL_TYPE_NFS', { nfs: { ...nfs, version: '4.2' } })],
  ['an iSCSI target', pool('STORAGE_POOL_TYPE_ISCSI', { iscsi })],
  [
    'an iSCSI target with a password',
    pool('STORAGE_POOL_TYPE_ISCSI', {
      iscsi: { ...iscsi, portal: '[2001:db8::1]', chapEnabled: true, chapUser: 'u', chapPassword: 'open sesame' },
    }),
  ],
  ['a pool of a Ceph cluster', pool('STORAGE_POOL_TYPE_CEPH_RBD', { ceph })],
]

test.for(goodPools)('%s is a pool', async ([, request], { onTestFinished }) => {
  const { client } = await start(onTestFinished)
  expect(await call(client, 'InitStoragePool', request)).toMatchObject({ type: request.type, active: true })
})

const isRoot = process.getuid?.() === 0

test.skipIf(!isRoot)(
  `the key of a Ceph user is found at the beginning of a file of any length${isRoot ? '' : ', skipped: only root writes to /etc/ceph'}`,
  async ({ onTestFinished }) => {
    const made = mkdirSync('/etc/ceph', { recursive: true })
    const keyringPath = `/etc/ceph/${crypto.randomUUID()}.keyring`
    onTestFinished(() => rmSync(made ?? keyringPath, { recursive: true }))
    writeFileSync(keyringPath, '[client.admin]\n  key = c2VzYW1l\n')
    // More than Node reads at once; none of it takes room on the disk.
    truncateSync(keyringPath, 3 * 2 ** 30)
    const { client } = await start(onTestFinished)
    const request = pool('STORAGE_POOL_TYPE_CEPH_RBD', { ceph: { ...ceph, user: 'admin', keyringPath } })
    expect(await call(client, 'InitStoragePool', request)).toMatchObject({ type: request.type, active: true })
  },
)

test('what is no volume is refused before the node is asked', async ({ onTestFinished }) => {
  const { client } = await start(onTestFinished)
  await call(client, 'InitStoragePool', fast)
  const bad = { code: status.INVALID_ARGUMENT }
  const { sizeBytes: _, ...sizeless } = empty
  await expect(call(client, 'CreateVolume', sizeless)).rejects.toMatchObject({
    ...bad,
    details: expect.stringMatching(/sizeBytes must be there/),
  })
  await expect(call(client, 'CreateVolume', { ...empty, sourceId: 'x' })).rejects.toMatchObject(bad)
  await expect(call(client, 'CreateVolume', { ...empty, volumeId: '../data' })).rejects.toMatchObject(bad)
  await expect(call(client, 'CreateVolume', { ...empty, sizeBytes: 2 ** 60 })).rejects.toMatchObject(bad)
  const fromPath = { ...empty, sourceType: 'VOLUME_SOURCE_TYPE_IMAGE', sourceId: '/etc/passwd' } as const
  await expect(call(client, 'CreateVolume', fromPath)).rejects.toMatchObject(bad)
  await expect(call(client, 'DeleteVolume', { poolId: 'fast', volumeId: '/dev/sda' })).rejects.toMatchObject(bad)
  await expect(call(client, 'ResizeVolume', { ...empty, newSizeBytes: 0 })).rejects.toMatchObject(bad)
  const missing = call(client, 'ResizeVolume', { ...empty, newSizeBytes: mib })
  await expect(missing).rejects.toMatchObject({ code: status.NOT_FOUND })
})
