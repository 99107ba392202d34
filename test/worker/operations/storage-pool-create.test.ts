import { expect, test } from 'vitest'
import { AppError } from '#db/errors.ts'
import { aStorageWorld, holdsTheStorageGuarantees } from './storage-world.ts'

holdsTheStorageGuarantees({
  kind: 'storage-pool.create',
  arrange: ({ beginPool }) => beginPool(),
  async expectDone({ hypervisor, poolRows }) {
    const [pool] = await hypervisor.listStoragePools()
    expect(pool).toMatchObject({ poolId: 'fast', active: true, source: { path: '/srv/fast' } })
    expect(await poolRows()).toMatchObject([
      { name: 'fast', state: 'READY', active: true, capacityBytes: pool?.capacityBytes, secret: null },
    ])
  },
  async expectUndone({ hypervisor, poolRows }) {
    expect(await hypervisor.listStoragePools()).toEqual([])
    expect(await poolRows()).toEqual([])
  },
})

test('a pool whose server does not answer yet says so while it is being made', async () => {
  let isAway = true
  const world = await aStorageWorld({
    onCall(call) {
      if (isAway && call === 'initStoragePool') throw new AppError('unavailable', 'It does not answer.')
    },
  })
  const operation = await world.beginPool()
  expect(await world.perform(operation)).toMatchObject({ status: 'queued' })
  expect(await world.poolRows()).toMatchObject([{ state: 'CREATING', problem: 'Trying again: It does not answer.' }])
  isAway = false
  expect(await world.perform(operation)).toMatchObject({ status: 'succeeded' })
  expect(await world.poolRows()).toMatchObject([{ state: 'READY', problem: null }])
})

test('a pool of that name that others made stays as it is', async () => {
  const world = await aStorageWorld()
  const operation = await world.beginPool()
  await world.hypervisor.initStoragePool({
    poolId: 'fast',
    source: { type: 'local-dir', path: '/srv/theirs' },
    secret: null,
  })
  expect(await world.perform(operation)).toMatchObject({ status: 'failed', error: { reason: 'POOL_EXISTS' } })
  expect(await world.hypervisor.findStoragePool('fast')).toMatchObject({ source: { path: '/srv/theirs' } })
})

test('a pool of that name that others make at the same moment stays as it is', async () => {
  const world = await aStorageWorld()
  const operation = await world.beginPool()
  let theirs: Promise<unknown> | undefined
  const at = (step: string) => {
    if (step === 'require-free')
      theirs ??= world.hypervisor.initStoragePool({
        poolId: 'fast',
        source: { type: 'local-dir', path: '/srv/theirs' },
        secret: null,
      })
  }
  expect(
    await world.perform(operation, { at: (step, moment) => (moment === 'after' ? at(step) : undefined) }),
  ).toMatchObject({
    status: 'failed',
    error: { reason: 'POOL_EXISTS' },
  })
  await theirs
  expect(await world.hypervisor.findStoragePool('fast')).toMatchObject({ source: { path: '/srv/theirs' } })
})
