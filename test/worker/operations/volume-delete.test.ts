import { expect, test } from 'vitest'
import { aStorageWorld, holdsTheStorageGuarantees, type StorageWorld } from './storage-world.ts'

async function begin({ aPool, aVolume, beginChange }: StorageWorld) {
  const pool = await aPool()
  const { id, name } = await aVolume('data')
  return beginChange('volume.delete', { volumeId: id, pool: pool.name, name })
}

holdsTheStorageGuarantees({
  kind: 'volume.delete',
  arrange: begin,
  async expectDone({ hypervisor, volumeRows }) {
    expect(await hypervisor.listVolumes('fast')).toEqual([])
    expect(await volumeRows()).toEqual([])
  },
  // A failure may come after the node has done it: the next look of its worker says so.
  expectUndone: async ({ volumeRows }) => expect(await volumeRows()).toMatchObject([{ name: 'data', state: 'READY' }]),
})

test('a volume that a VM came to have after the request stays', async () => {
  const world = await aStorageWorld()
  const operation = await begin(world)
  world.hypervisor.changeVolumeUser({ poolId: 'fast', volumeId: 'data' }, '019377a0-6e00-7c3e-9b1a-3f5f0c2d7e11')
  expect(await world.perform(operation)).toMatchObject({ status: 'failed', error: { reason: 'VOLUME_IN_USE' } })
  expect(await world.hypervisor.listVolumes('fast')).toHaveLength(1)
})
