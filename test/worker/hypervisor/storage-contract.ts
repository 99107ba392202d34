import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { VolumeSource } from '#db/volume-source.ts'
import type { Hypervisor } from '#worker/hypervisor/port.ts'
import type { NewVolume, VolumeName } from '#worker/hypervisor/storage-calls.ts'

export interface StorageUnderTest {
  hypervisor: Hypervisor
  /** A directory that does not exist yet, below one that the node allows for pools. */
  directory(name: string): string
  addImage(name: string, sizeBytes: number): Promise<void>
  /** Gives a volume to a VM that does not run, past us. Returns its id, and the way to take it away. */
  attach(name: VolumeName): Promise<{ vmId: string; detach(): Promise<void> }>
  close(): Promise<void>
}

const mib = 2 ** 20
const never = new AbortController().signal

/** What every node promises of pools that are directories, and of what is in them. */
export function describeStorage(open: () => Promise<StorageUnderTest>): void {
  let node: StorageUnderTest
  let hypervisor: Hypervisor
  beforeAll(async () => {
    node = await open()
    hypervisor = node.hypervisor
  })
  afterAll(() => node?.close())

  let pools = 0
  async function aPool() {
    const poolId = `pool-${++pools}`
    const source = { type: 'local-dir', path: node.directory(poolId) } as const
    const state = await hypervisor.initStoragePool({ poolId, source, secret: null })
    return { poolId, source, state }
  }
  const make = (
    poolId: string,
    volumeId: string,
    source: VolumeSource = { type: 'empty' },
    parts: Partial<NewVolume> = {},
  ) =>
    hypervisor.createVolume(
      { poolId, volumeId, source, sizeBytes: source.type === 'empty' ? 8 * mib : null, ...parts },
      never,
    )
  const ids = async (poolId: string) => (await hypervisor.listVolumes(poolId)).map(({ volumeId }) => volumeId)
  const refusal = (reason: string, code = 'failed_precondition') => expect.objectContaining({ code, reason })

  describe('storage pools', () => {
    test('one that is made twice is one, and says where it is and how large', async () => {
      const { poolId, source, state } = await aPool()
      expect(state).toEqual({
        ...{ poolId, source, active: true, problem: null, mountPath: source.path, volumeCount: 0 },
        ...{
          capacityBytes: expect.any(Number),
          allocationBytes: expect.any(Number),
          availableBytes: expect.any(Number),
        },
      })
      expect(state.capacityBytes).toBeGreaterThan(0)
      expect(state.availableBytes).toBeGreaterThan(0)
      const again = await hypervisor.initStoragePool({ poolId, source, secret: null })
      expect(again).toMatchObject({ poolId, source, active: true })
      expect((await hypervisor.listStoragePools()).filter((pool) => pool.poolId === poolId)).toHaveLength(1)
    })

    test('a name is one place, and a place one name', async () => {
      const { poolId, source } = await aPool()
      const elsewhere = { type: 'local-dir', path: node.directory('elsewhere') } as const
      await expect(hypervisor.initStoragePool({ poolId, source: elsewhere, secret: null })).rejects.toEqual(
        refusal('POOL_EXISTS', 'already_exists'),
      )
      await expect(hypervisor.initStoragePool({ poolId: 'other', source, secret: null })).rejects.toEqual(
        refusal('POOL_SOURCE_TAKEN'),
      )
      await expect(hypervisor.findStoragePool('other')).rejects.toEqual(refusal('POOL_NOT_FOUND', 'not_found'))
    })

    test('two that ask for different pools of one name at once get one of them', async () => {
      const sources = ['one', 'other'].map((name) => ({ type: 'local-dir', path: node.directory(name) }) as const)
      const making = sources.map((source) => hypervisor.initStoragePool({ poolId: 'both', source, secret: null }))
      const [made, ...others] = (await Promise.allSettled(making)).sort((a, b) => (a.status < b.status ? -1 : 1))
      expect(made).toMatchObject({ status: 'fulfilled' })
      expect(others).toEqual([expect.objectContaining({ reason: refusal('POOL_EXISTS', 'already_exists') })])
    })

    test('a directory that the node does not allow is none', async () => {
      const source = { type: 'local-dir', path: '/etc' } as const
      const making = hypervisor.initStoragePool({ poolId: 'etc', source, secret: null })
      await expect(making).rejects.toEqual(refusal('POOL_PATH_NOT_ALLOWED'))
    })

    test('one that is destroyed keeps what is in it, for whoever makes it again', async () => {
      const { poolId, source } = await aPool()
      await make(poolId, 'data')
      await hypervisor.destroyStoragePool(poolId)
      await hypervisor.destroyStoragePool(poolId)
      await expect(hypervisor.listVolumes(poolId)).rejects.toEqual(refusal('POOL_NOT_FOUND', 'not_found'))
      expect(await hypervisor.initStoragePool({ poolId, source, secret: null })).toMatchObject({ volumeCount: 1 })
      expect(await ids(poolId)).toEqual(['data'])
    })

    test('the files in it are listed', async () => {
      const { poolId } = await aPool()
      await make(poolId, 'data')
      expect(await hypervisor.listPoolFiles(poolId, '')).toEqual([
        {
          name: 'data.qcow2',
          isDirectory: false,
          sizeBytes: expect.any(Number),
          modifiedAt: expect.any(String),
          mode: 0o600,
        },
      ])
      const missing = hypervisor.listPoolFiles(poolId, 'nowhere')
      await expect(missing).rejects.toEqual(refusal('DIRECTORY_NOT_FOUND', 'not_found'))
    })
  })

  describe('volumes', () => {
    test('one that is asked for twice is made once, and another one of its name never', async () => {
      const { poolId } = await aPool()
      const made = await make(poolId, 'data')
      expect(made).toMatchObject({
        poolId,
        volumeId: 'data',
        capacityBytes: 8 * mib,
        format: 'qcow2',
        vmId: null,
        snapshotOf: null,
      })
      expect(made.path).toMatch(/\/data\.qcow2$/)
      expect(made.allocationBytes).toBeGreaterThan(0)
      expect(await make(poolId, 'data')).toEqual(made)
      const another = make(poolId, 'data', { type: 'empty' }, { sizeBytes: 16 * mib })
      await expect(another).rejects.toEqual(refusal('VOLUME_EXISTS', 'already_exists'))
      expect(await hypervisor.listVolumes(poolId)).toEqual([made])
      expect(await hypervisor.findStoragePool(poolId)).toMatchObject({ volumeCount: 1 })
    })

    test('two that ask for the same one at once get the same one', async () => {
      const { poolId } = await aPool()
      const [one, other] = await Promise.all([make(poolId, 'data'), make(poolId, 'data')])
      expect(one).toEqual(other)
    })

    test('are made of an image, of each other and of snapshots, in the size of their source or larger', async () => {
      const { poolId } = await aPool()
      await node.addImage('base.img', 4 * mib)
      expect(await make(poolId, 'a', { type: 'image', name: 'base.img' })).toMatchObject({ capacityBytes: 4 * mib })
      expect(await make(poolId, 'b', { type: 'volume', volumeId: 'a' }, { sizeBytes: 8 * mib })).toMatchObject({
        capacityBytes: 8 * mib,
      })
      await hypervisor.snapshotVolume({ poolId, volumeId: 'b' }, 'b-1', never)
      await hypervisor.snapshotVolume({ poolId, volumeId: 'b' }, 'b-1', never)
      expect(await hypervisor.findVolume({ poolId, volumeId: 'b-1' })).toMatchObject({
        capacityBytes: 8 * mib,
        snapshotOf: 'b',
      })
      expect(await make(poolId, 'c', { type: 'snapshot', volumeId: 'b-1' })).toMatchObject({ snapshotOf: null })
      expect(await ids(poolId)).toEqual(['a', 'b', 'b-1', 'c'])
      const smaller = make(poolId, 'd', { type: 'volume', volumeId: 'b' }, { sizeBytes: 4 * mib })
      await expect(smaller).rejects.toEqual(refusal('VOLUME_SMALLER_THAN_SOURCE', 'invalid_argument'))
      const ofNothing = make(poolId, 'd', { type: 'volume', volumeId: 'nothing' })
      await expect(ofNothing).rejects.toEqual(refusal('VOLUME_NOT_FOUND', 'not_found'))
      const ofNoImage = make(poolId, 'd', { type: 'image', name: 'nothing.img' })
      await expect(ofNoImage).rejects.toEqual(refusal('BASE_IMAGE_NOT_FOUND', 'not_found'))
    })

    test('have whole sectors, whatever was asked for', async () => {
      const { poolId } = await aPool()
      const name = { poolId, volumeId: 'data' }
      expect(await make(poolId, 'data', { type: 'empty' }, { sizeBytes: mib + 1 })).toMatchObject({
        capacityBytes: mib + 512,
      })
      await hypervisor.resizeVolume(name, mib + 513)
      await hypervisor.resizeVolume(name, mib + 513)
      expect(await hypervisor.findVolume(name)).toMatchObject({ capacityBytes: mib + 1024 })
    })

    test('only grow', async () => {
      const { poolId } = await aPool()
      await make(poolId, 'data')
      const name = { poolId, volumeId: 'data' }
      await hypervisor.resizeVolume(name, 16 * mib)
      await hypervisor.resizeVolume(name, 16 * mib)
      expect(await hypervisor.findVolume(name)).toMatchObject({ capacityBytes: 16 * mib })
      await expect(hypervisor.resizeVolume(name, 8 * mib)).rejects.toEqual(refusal('VOLUME_CANNOT_SHRINK'))
    })

    test('one that is deleted twice is deleted, and its name is free', async () => {
      const { poolId } = await aPool()
      await make(poolId, 'data')
      await hypervisor.deleteVolume({ poolId, volumeId: 'data' })
      await hypervisor.deleteVolume({ poolId, volumeId: 'data' })
      await expect(hypervisor.findVolume({ poolId, volumeId: 'data' })).rejects.toEqual(
        refusal('VOLUME_NOT_FOUND', 'not_found'),
      )
      expect(await make(poolId, 'data', { type: 'empty' }, { sizeBytes: 4 * mib })).toMatchObject({
        capacityBytes: 4 * mib,
      })
    })

    test('one that a VM has as a disk says so, stays, and keeps its pool', async () => {
      const { poolId } = await aPool()
      await make(poolId, 'data')
      const name = { poolId, volumeId: 'data' }
      const { vmId, detach } = await node.attach(name)
      expect(await hypervisor.findVolume(name)).toMatchObject({ vmId })
      await expect(hypervisor.deleteVolume(name)).rejects.toEqual(refusal('VOLUME_IN_USE'))
      await expect(hypervisor.destroyStoragePool(poolId)).rejects.toEqual(refusal('POOL_IN_USE'))
      // It does not run: nobody writes.
      expect(await make(poolId, 'copy', { type: 'volume', volumeId: 'data' })).toMatchObject({ vmId: null })
      await detach()
      expect(await hypervisor.findVolume(name)).toMatchObject({ vmId: null })
      await hypervisor.deleteVolume(name)
    })

    test('what was given up before it began is not there', async () => {
      const { poolId } = await aPool()
      const given = { poolId, volumeId: 'data', sizeBytes: mib, source: { type: 'empty' } } as const
      await expect(hypervisor.createVolume(given, AbortSignal.abort(new Error('given up')))).rejects.toThrow('given up')
      expect(await ids(poolId)).toEqual([])
    })

    test.for(['../data', '/etc/passwd', 'a/b', '.hidden', 'line\nfeed', '', 'x'.repeat(129)])(
      'no name leads out of the pool: %j',
      async (volumeId) => {
        const { poolId } = await aPool()
        const name = { poolId, volumeId }
        const refused = refusal('INVALID_ID', 'invalid_argument')
        await expect(make(poolId, volumeId)).rejects.toEqual(refused)
        await expect(hypervisor.findVolume(name)).rejects.toEqual(refused)
        await expect(hypervisor.deleteVolume(name)).rejects.toEqual(refused)
        await expect(hypervisor.resizeVolume(name, mib)).rejects.toEqual(refused)
        await expect(hypervisor.describeAttachment(name)).rejects.toEqual(refused)
        await make(poolId, 'data')
        await expect(make(poolId, 'copy', { type: 'volume', volumeId })).rejects.toEqual(refused)
        await expect(hypervisor.snapshotVolume({ poolId, volumeId: 'data' }, volumeId, never)).rejects.toEqual(refused)
        await expect(hypervisor.findStoragePool(volumeId)).rejects.toEqual(refused)
        expect(await ids(poolId)).toEqual(['data'])
      },
    )
  })
}
