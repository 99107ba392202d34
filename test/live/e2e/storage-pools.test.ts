import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { libvirtAvailable } from '#infra/libvirt-host.ts'
import * as sdk from '#openapi/sdk/typescript/index.ts'
import { headers, succeeded } from '#test/e2e/system.ts'
import { startLiveSystem } from '../live-system.ts'
import { definedWith } from '../storage/a-domain.ts'

const unavailable = libvirtAvailable()

describe.skipIf(unavailable)(`storage pools over REST${unavailable ? `, skipped: ${unavailable}` : ''}`, () => {
  let system: Awaited<ReturnType<typeof startLiveSystem>>
  beforeAll(async () => {
    system = await startLiveSystem({ virtType: 'qemu' })
  })

  test('a pool and its volumes are made on the node, used, and taken away', async () => {
    const { client, node, nodeId } = system
    const pool = { id: nodeId, pool: 'fast' }
    const directory = path.join(node.options.poolDirectories[0] ?? '', 'fast')
    const source = { type: 'local-dir', path: directory } as const
    const made = await sdk.createStoragePool({ client, headers, path: { id: nodeId }, body: { name: 'fast', source } })
    expect(succeeded(made)).toMatchObject({ state: 'READY', active: true, mountPath: directory })

    await node.addImage('base.img', 2 ** 30)
    const body = { name: 'root', source: { image: 'base.img' } }
    const root = succeeded(await sdk.createVolume({ client, headers, path: pool, body }))
    expect(root).toMatchObject({ state: 'READY', format: 'qcow2', sizeBytes: 2 ** 30 })
    const volume = { ...pool, volume: 'root' }
    await sdk.createVolumeSnapshot({ client, headers, path: volume, body: { name: 'root-1' } })
    const larger = succeeded(await sdk.resizeVolume({ client, headers, path: volume, body: { sizeGib: 2 } }))
    expect(larger).toMatchObject({ sizeBytes: 2 * 2 ** 30 })
    expect((await readdir(directory)).sort()).toEqual(['root-1.qcow2', 'root.qcow2'])

    const { diskXml } = await node.hypervisor.describeAttachment({ poolId: 'fast', volumeId: 'root' })
    const vm = await definedWith(node.connection, randomUUID(), diskXml)
    const refused = await sdk.deleteVolume({ client, headers, path: volume })
    expect(refused.error).toMatchObject({ reason: 'VOLUME_IN_USE' })
    await vm.undefine()
    for (const name of ['root', 'root-1']) {
      const gone = await sdk.deleteVolume({ client, headers, path: { ...pool, volume: name } })
      expect(gone.response?.status, name).toBe(204)
    }
    const taken = await sdk.deleteStoragePool({ client, headers, path: pool })
    expect(taken.response?.status).toBe(204)
    expect(await node.hypervisor.listStoragePools()).toEqual([])
  })

  test('no directory of the node becomes a pool by REST alone', async () => {
    const { client, nodeId } = system
    const source = { type: 'local-dir', path: '/etc' } as const
    const answer = await sdk.createStoragePool({ client, headers, path: { id: nodeId }, body: { name: 'etc', source } })
    expect(answer.error).toMatchObject({ reason: 'POOL_PATH_NOT_ALLOWED' })
  })
})
