import { expect, test } from 'vitest'
import { aStorageWorld, holdsTheStorageGuarantees } from './storage-world.ts'

const gib = 2 ** 30

holdsTheStorageGuarantees({
  kind: 'volume.create',
  async arrange({ aPool, beginVolume }) {
    await aPool()
    return beginVolume('data')
  },
  async expectDone({ hypervisor, volumeRows }) {
    expect(await hypervisor.listVolumes('fast')).toMatchObject([{ volumeId: 'data', capacityBytes: gib }])
    expect(await volumeRows()).toMatchObject([
      { name: 'data', state: 'READY', sizeBytes: gib, format: 'qcow2', vmId: null },
    ])
  },
  async expectUndone({ hypervisor, volumeRows }) {
    expect(await hypervisor.listVolumes('fast')).toEqual([])
    expect(await volumeRows()).toEqual([])
  },
})

test('a copy has the size of its source where none is asked for', async () => {
  const world = await aStorageWorld()
  await world.aPool()
  await world.aVolume('data')
  const copy = await world.beginVolume('copy', { sizeBytes: null, source: { type: 'volume', volumeId: 'data' } })
  expect(await world.perform(copy)).toMatchObject({ status: 'succeeded' })
  expect(await world.volumeRows()).toMatchObject([{ name: 'copy', sizeBytes: gib }, { name: 'data' }])
})

test('a volume of that name that others made stays as it is', async () => {
  const world = await aStorageWorld()
  await world.aPool()
  const operation = await world.beginVolume('data')
  const theirs = { poolId: 'fast', volumeId: 'data', sizeBytes: 5 * gib, source: { type: 'empty' } } as const
  await world.hypervisor.createVolume(theirs, new AbortController().signal)
  expect(await world.perform(operation)).toMatchObject({ status: 'failed', error: { reason: 'VOLUME_EXISTS' } })
  expect(await world.hypervisor.findVolume(theirs)).toMatchObject({ capacityBytes: 5 * gib })
  expect(await world.volumeRows()).toEqual([])
})
