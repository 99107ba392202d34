import { expect } from 'vitest'
import { holdsTheStorageGuarantees } from './storage-world.ts'

holdsTheStorageGuarantees({
  kind: 'volume.snapshot',
  async arrange({ aPool, aVolume, beginSnapshot }) {
    await aPool()
    return beginSnapshot(await aVolume('data'), 'before')
  },
  async expectDone({ hypervisor, volumeRows }) {
    expect(await hypervisor.listVolumes('fast')).toMatchObject([
      { volumeId: 'before', snapshotOf: 'data' },
      { volumeId: 'data' },
    ])
    expect(await volumeRows()).toMatchObject([{ name: 'before', state: 'READY', snapshotOf: 'data' }, { name: 'data' }])
  },
  async expectUndone({ hypervisor, volumeRows }) {
    expect(await hypervisor.listVolumes('fast')).toMatchObject([{ volumeId: 'data' }])
    expect(await volumeRows()).toMatchObject([{ name: 'data' }])
  },
})
