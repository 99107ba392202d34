import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { StoragePoolSource } from '#db/storage-pool-source.ts'
import { writeImage } from '#test/support/image-files.ts'
import { aDefinition } from '#test/support/vm-spec.ts'
import { createSimulatedHypervisor } from '#worker/hypervisor/simulated/hypervisor.ts'
import { describeStorage } from './storage-contract.ts'

describe('the storage of a simulated node', () => {
  describeStorage(async () => {
    const imagesDirectory = await mkdtemp(path.join(tmpdir(), 'qs-'))
    const hypervisor = createSimulatedHypervisor({ imagesDirectory, poolDirectories: ['/srv'] })
    return {
      hypervisor,
      directory: (name) => `/srv/${name}`,
      addImage: (name, sizeBytes) => writeImage(path.join(imagesDirectory, name), sizeBytes),
      async attach(name) {
        const vm = aDefinition()
        await hypervisor.defineVm(vm)
        hypervisor.changeVolumeUser(name, vm.vmId)
        return { vmId: vm.vmId, detach: async () => hypervisor.changeVolumeUser(name, null) }
      },
      async close() {
        await hypervisor.close()
        await rm(imagesDirectory, { recursive: true })
      },
    }
  })
})

const target: StoragePoolSource = {
  type: 'iscsi',
  host: '192.0.2.1',
  port: 3260,
  target: 'iqn.2003-01.org.example:disk',
}

test('the units of a simulated target are volumes that its server alone makes and changes', async () => {
  const node = createSimulatedHypervisor()
  await node.initStoragePool({ poolId: 'san', source: target, secret: null })
  expect(await node.listVolumes('san')).toMatchObject([{ volumeId: 'lun-1', format: 'raw' }])
  const unit = { poolId: 'san', volumeId: 'lun-1' }
  await expect(node.deleteVolume(unit)).rejects.toMatchObject({ reason: 'POOL_CANNOT' })
  await expect(node.resizeVolume(unit, 2 ** 40)).rejects.toMatchObject({ reason: 'POOL_CANNOT' })
  await expect(node.listPoolFiles('san', '')).rejects.toMatchObject({ reason: 'POOL_CANNOT' })
})

test('what could be done in a pool of a Ceph cluster, and is not, is told from what cannot be', async () => {
  const node = createSimulatedHypervisor()
  const source: StoragePoolSource = { type: 'ceph-rbd', monitors: [{ host: '192.0.2.1', port: 6789 }], pool: 'vms' }
  await node.initStoragePool({ poolId: 'ceph', source, secret: null })
  const volume = { poolId: 'ceph', volumeId: 'data' }
  const missing = { code: 'unimplemented', message: expect.stringContaining('not yet') }
  await expect(node.deleteVolume(volume)).rejects.toMatchObject(missing)
  await expect(node.resizeVolume(volume, 2 ** 40)).rejects.toMatchObject(missing)
  const making = node.createVolume(
    { ...volume, sizeBytes: 2 ** 30, source: { type: 'empty' } },
    new AbortController().signal,
  )
  await expect(making).rejects.toMatchObject(missing)
  await expect(node.listPoolFiles('ceph', '')).rejects.toMatchObject({ reason: 'POOL_CANNOT' })
})

test('a simulated pool that cannot be used says why', async () => {
  const node = createSimulatedHypervisor()
  await node.initStoragePool({ poolId: 'san', source: target, secret: null })
  node.changePoolProblem('san', 'The server is gone.')
  expect(await node.findStoragePool('san')).toMatchObject({
    active: false,
    problem: 'The server is gone.',
    volumeCount: 0,
  })
  await expect(node.listVolumes('san')).rejects.toMatchObject({ code: 'unavailable', reason: 'POOL_NOT_REACHABLE' })
})
