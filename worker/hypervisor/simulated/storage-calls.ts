import { AppError } from '#db/errors.ts'
import type { NewVolume, VolumeName } from '#worker/hypervisor/storage-calls.ts'
import {
  directoryNotFound,
  isBelow,
  originOf,
  pathNotAllowed,
  poolFull,
  poolInUse,
  poolNotFound,
  requireFileSystem,
  requireGrowth,
  requirePlainName,
  requireSameOrigin,
  requireSameSource,
  sizeOf,
  snapshotOrigin,
  sourceTaken,
  type VolumeOrigin,
  volumeInUse,
  volumeNotFound,
  wholeSectors,
} from '#worker/hypervisor/storage-rules.ts'
import { attachmentXml } from '../libvirt/storage/attachment-xml.ts'
import type { SimulatedNode } from './node-state.ts'
import type { SimulatedCalls } from './options.ts'
import { allocated, emptyBytes, fileView, newPlace, placeOf, poolView, volumeView } from './storage-state.ts'

const defaultPoolBytes = 100 * 2 ** 30

/** Storage pools and what is in them. */
export function storageCalls({ options, images, state }: SimulatedNode) {
  const { pools, places } = state.storage
  const poolBytes = options.storageFreeBytes ?? defaultPoolBytes

  function find(poolId: string) {
    requirePlainName('pool_id', poolId)
    const pool = pools[poolId]
    if (!pool) throw poolNotFound(poolId)
    return { pool, volumes: places[placeOf(pool.source)] ?? {} }
  }

  function usable(poolId: string) {
    const found = find(poolId)
    if (found.pool.problem === null) return found
    throw new AppError('unavailable', found.pool.problem, { reason: 'POOL_NOT_REACHABLE' })
  }

  const view = (poolId: string) => {
    const { pool, volumes } = find(poolId)
    return poolView(poolId, pool, volumes, poolBytes)
  }

  function volume({ poolId, volumeId }: VolumeName) {
    requirePlainName('volume_id', volumeId)
    const { pool, volumes } = usable(poolId)
    const found = volumes[volumeId]
    if (!found) throw volumeNotFound({ poolId, volumeId })
    return { pool, found }
  }

  /** What a volume is to hold. Throws for a source that is not there, or that a VM writes to. */
  async function contentOf(poolId: string, { source }: VolumeOrigin) {
    if (source.type === 'empty') return null
    if (source.type === 'image') {
      const { virtualSizeBytes } = await images.find('baseImage', source.name)
      return { capacityBytes: virtualSizeBytes, allocationBytes: emptyBytes }
    }
    const { found } = volume({ poolId, volumeId: source.volumeId })
    requireNoWriter({ poolId, volumeId: source.volumeId })
    return found
  }

  function requireNoWriter(name: VolumeName) {
    const { vmId } = volume(name).found
    if (vmId !== null && state.vms[vmId]?.state !== 'STOPPED')
      throw volumeInUse(name, `VM ${vmId} runs with it. Stop it first`)
  }

  async function make(name: VolumeName, origin: VolumeOrigin) {
    const { poolId, volumeId } = name
    requirePlainName('volume_id', volumeId)
    const { pool, volumes } = usable(poolId)
    requireFileSystem(pool.source.type, 'make volumes')
    const there = volumes[volumeId]
    if (there) return requireSameOrigin(name, there.origin, origin)
    const content = await contentOf(poolId, origin)
    const capacityBytes = sizeOf(origin.sizeBytes, content?.capacityBytes ?? null)
    const allocationBytes = content?.allocationBytes ?? emptyBytes
    if (allocated(volumes) + allocationBytes > poolBytes) throw poolFull(poolId)
    volumes[volumeId] = { capacityBytes, allocationBytes, origin, vmId: null }
  }

  return {
    async initStoragePool({ poolId, source }) {
      requirePlainName('pool_id', poolId)
      const known = pools[poolId]
      if (known) requireSameSource(poolId, known.source, source)
      else {
        const { poolDirectories } = options
        if (
          source.type === 'local-dir' &&
          poolDirectories &&
          !poolDirectories.some((each) => isBelow(each, source.path))
        ) {
          throw pathNotAllowed(source.path, poolDirectories)
        }
        const other = Object.entries(pools).find(([, pool]) => placeOf(pool.source) === placeOf(source))?.[0]
        if (other !== undefined) throw sourceTaken(`It is the storage pool "${other}" already.`)
        pools[poolId] = { source, problem: null }
        places[placeOf(source)] ??= newPlace(source)
      }
      return view(poolId)
    },
    async destroyStoragePool(poolId) {
      requirePlainName('pool_id', poolId)
      if (!pools[poolId]) return
      const users = Object.values(find(poolId).volumes).flatMap(({ vmId }) => vmId ?? [])
      if (users.length > 0) throw poolInUse(poolId, `VM ${users.join(', ')} has a volume of it. Detach it first`)
      delete pools[poolId]
    },
    findStoragePool: async (poolId) => view(poolId),
    listStoragePools: async () => Object.keys(pools).sort().map(view),
    async listPoolFiles(poolId, directory) {
      const { pool, volumes } = usable(poolId)
      requireFileSystem(pool.source.type, 'list files')
      if (directory !== '') throw directoryNotFound(poolId, directory)
      return byId(volumes).map(fileView)
    },
    async createVolume(wanted: NewVolume, signal) {
      signal.throwIfAborted()
      await make(wanted, originOf(wanted))
      return describeVolume(wanted)
    },
    async deleteVolume(name) {
      requirePlainName('volume_id', name.volumeId)
      const { pool, volumes } = usable(name.poolId)
      requireFileSystem(pool.source.type, 'delete volumes')
      const vmId = volumes[name.volumeId]?.vmId
      if (vmId) throw volumeInUse(name, `VM ${vmId} has it as a disk. Detach it first`)
      delete volumes[name.volumeId]
    },
    async resizeVolume(name, askedBytes) {
      const sizeBytes = wholeSectors(askedBytes)
      requireFileSystem(usable(name.poolId).pool.source.type, 'resize volumes')
      const { found } = volume(name)
      requireGrowth(name, found.capacityBytes, sizeBytes)
      found.capacityBytes = sizeBytes
    },
    async snapshotVolume(name, snapshotId, signal) {
      signal.throwIfAborted()
      requirePlainName('snapshot_id', snapshotId)
      await make({ poolId: name.poolId, volumeId: snapshotId }, snapshotOrigin(name.volumeId))
    },
    findVolume: async (name) => describeVolume(name),
    async listVolumes(poolId) {
      const { pool, volumes } = usable(poolId)
      return byId(volumes).map(([volumeId, found]) => volumeView(poolId, volumeId, pool, found))
    },
    async describeAttachment(name) {
      const { path, format } = describeVolume(name)
      return { path, diskXml: attachmentXml({ type: 'file', path, format }) }
    },
  } satisfies Partial<SimulatedCalls>

  function describeVolume(name: VolumeName) {
    const { pool, found } = volume(name)
    return volumeView(name.poolId, name.volumeId, pool, found)
  }
}

const byId = <Content>(volumes: Record<string, Content>): [string, Content][] =>
  Object.entries(volumes).sort(([a], [b]) => (a < b ? -1 : 1))
