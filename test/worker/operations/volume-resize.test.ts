import { expect } from 'vitest'
import { holdsTheStorageGuarantees } from './storage-world.ts'

const sizeBytes = 4 * 2 ** 30

holdsTheStorageGuarantees({
  kind: 'volume.resize',
  async arrange({ aPool, aVolume, beginChange }) {
    const pool = await aPool()
    const { id, name } = await aVolume('data')
    return beginChange('volume.resize', { volumeId: id, pool: pool.name, name, sizeBytes })
  },
  async expectDone({ hypervisor, volumeRows }) {
    expect(await hypervisor.listVolumes('fast')).toMatchObject([{ volumeId: 'data', capacityBytes: sizeBytes }])
    expect(await volumeRows()).toMatchObject([{ name: 'data', state: 'READY', sizeBytes }])
  },
  // A failure may come after the node has done it: the next look of its worker says so.
  expectUndone: async ({ volumeRows }) => expect(await volumeRows()).toMatchObject([{ name: 'data', state: 'READY' }]),
})
