import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { StorageCalls, Volume, VolumeName } from '#worker/hypervisor/storage-calls.ts'
import {
  type FileSystemWork,
  originOf,
  requireFileSystem,
  requirePlainName,
  snapshotOrigin,
  type VolumeOrigin,
  volumeNotFound,
  wholeSectors,
} from '#worker/hypervisor/storage-rules.ts'
import { translateError } from '../errors.ts'
import { vmLocks } from '../vm-locks.ts'
import { attachmentXml } from './attachment-xml.ts'
import { deleteVolume, type FilePool, makeVolume, resizeVolume, type VolumeDeps } from './change-volumes.ts'
import { listVolumeFiles, placesOfFile, readVolumeFile, type VolumeFile } from './file-volumes.ts'
import { listUnits, networkSource, placesOfUnit, type Unit } from './network-volumes.ts'
import { directoryOf, type OpenPool } from './open-pool.ts'
import { volumeMaker } from './place-volume.ts'
import { listPoolFiles } from './pool-files.ts'
import { openPools, type PoolDeps } from './pools.ts'
import { readVolumeUsers, type VolumeUsers } from './volume-users.ts'
import { workCounter } from './work-counter.ts'

interface Deps extends PoolDeps, Omit<VolumeDeps, 'maker'> {}

/** Storage pools as pools of libvirt; what is in those that are file systems, as files of ours. */
export function storageCalls(base: Deps): StorageCalls {
  const deps = { ...base, maker: volumeMaker(base.nodeId) }
  const { connection, poolConnection } = deps
  const pools = openPools(deps)
  const locks = vmLocks()
  const inWork = workCounter()
  // For people: lists of several pools at once read the definitions together.
  const readUsers = sharing(() => readVolumeUsers(connection))
  // What is on a server does not start with libvirt.
  void pools.states().catch(() => {})

  /** Volumes that are files; what is done with one is done alone. */
  function inFilePool<Result>(
    poolId: string,
    what: FileSystemWork,
    work: (pool: FilePool) => Promise<Result>,
    timeoutMs?: number,
  ) {
    return pools.use(
      poolId,
      async (pool) => {
        requireFileSystem(pool.source.type, what)
        return work({ ...pool, directory: directoryOf(pool) ?? '' })
      },
      timeoutMs,
    )
  }

  const alone = <Result>({ poolId, volumeId }: VolumeName, work: () => Promise<Result>) =>
    inWork.during(poolId, () => locks.exclusive(path.join(poolId, volumeId), work))

  async function make(name: VolumeName, origin: VolumeOrigin, signal: AbortSignal) {
    const { poolId, volumeId } = name
    const work = (pool: FilePool) => {
      const making = () => makeVolume(deps, pool, { volumeId, origin, signal })
      const { source } = origin
      const isCopy = source.type === 'volume' || source.type === 'snapshot'
      return isCopy ? inWork.during(path.join(poolId, source.volumeId), making) : making()
    }
    // A copy takes as long as it takes.
    await alone(name, () => inFilePool(poolId, 'make volumes', work, longestTimerMs))
  }

  function requireNotCopied({ poolId, volumeId }: VolumeName) {
    if (!inWork.isBusy(path.join(poolId, volumeId))) return
    throw new AppError('unavailable', `The volume "${volumeId}" is just being copied. Try again when that is done.`, {
      reason: 'VOLUME_BUSY',
    })
  }

  async function find(pool: OpenPool, { poolId, volumeId }: VolumeName): Promise<Found> {
    requirePlainName('volume_id', volumeId)
    const directory = directoryOf(pool)
    const found =
      directory === null
        ? (await listUnits(poolConnection, pool)).find((unit) => unit.volumeId === volumeId)
        : await readVolumeFile(directory, volumeId)
    if (!found) throw volumeNotFound({ poolId, volumeId })
    return found
  }

  const calls: StorageCalls = {
    initStoragePool: (pool) => pools.init(pool),
    destroyStoragePool: (poolId) => pools.destroy(poolId, () => inWork.isBusy(poolId)),
    findStoragePool: (poolId) => pools.state(poolId),
    listStoragePools: () => pools.states(),
    listPoolFiles: (poolId, directory) =>
      inFilePool(poolId, 'list files', (pool) => listPoolFiles(poolId, pool.directory, directory)),
    async createVolume(volume, signal) {
      requirePlainName('volume_id', volume.volumeId)
      await make(volume, originOf(volume), signal)
      return calls.findVolume(volume)
    },
    async deleteVolume(name) {
      requirePlainName('volume_id', name.volumeId)
      await alone(name, async () => {
        requireNotCopied(name)
        await inFilePool(name.poolId, 'delete volumes', (pool) => deleteVolume(deps, pool, name.volumeId))
      })
    },
    async resizeVolume(name, askedBytes) {
      const sizeBytes = wholeSectors(askedBytes)
      const { poolId, volumeId } = name
      requirePlainName('volume_id', volumeId)
      await alone(name, async () => {
        requireNotCopied(name)
        await inFilePool(poolId, 'resize volumes', (pool) => resizeVolume(deps, pool, { volumeId, sizeBytes }))
      })
    },
    async snapshotVolume({ poolId, volumeId }, snapshotId, signal) {
      requirePlainName('volume_id', volumeId)
      requirePlainName('snapshot_id', snapshotId)
      await make({ poolId, volumeId: snapshotId }, snapshotOrigin(volumeId), signal)
    },
    findVolume: (name) =>
      pools.use(name.poolId, async (pool) => {
        const found = await find(pool, name)
        return view(pool, found, await readUsers())
      }),
    listVolumes: (poolId) =>
      pools.use(poolId, async (pool) => {
        const directory = directoryOf(pool)
        const [found, users] = await Promise.all([
          directory === null ? listUnits(poolConnection, pool) : listVolumeFiles(directory),
          readUsers(),
        ])
        return Promise.all(found.map((each) => view(pool, each, users)))
      }),
    describeAttachment: (name) =>
      pools.use(name.poolId, async (pool) => {
        const found = await find(pool, name)
        return 'path' in found
          ? { path: found.path, diskXml: attachmentXml({ type: 'file', path: found.path, format: 'qcow2' }) }
          : { path: pathOfUnit(pool, found), diskXml: attachmentXml(networkSource(pool, found)) }
      }),
  }
  return translating(calls)
}

type Found = VolumeFile | Unit

/** What `setTimeout` can wait at most: 24 days. */
const longestTimerMs = 2 ** 31 - 1

async function view(pool: OpenPool, found: Found, users: VolumeUsers): Promise<Volume> {
  const { poolId, record, parameters } = pool
  const { volumeId, capacityBytes, allocationBytes } = found
  const isFile = 'path' in found
  const user = await users.of(isFile ? placesOfFile(parameters.name, found.path) : placesOfUnit(pool, found))
  return {
    ...{ poolId, volumeId, capacityBytes, allocationBytes },
    format: isFile ? 'qcow2' : 'raw',
    path: isFile ? found.path : pathOfUnit(pool, found),
    vmId: user?.vmId ?? null,
    snapshotOf: record.volumes[volumeId]?.snapshotOf ?? null,
  }
}

/** As QEMU's programs take it on their command line. */
function pathOfUnit(pool: OpenPool, unit: Unit): string {
  const { protocol, name, hosts } = networkSource(pool, unit)
  return protocol === 'rbd' ? `rbd:${name}` : `iscsi://${hosts.map(({ host, port }) => `${host}:${port}`)[0]}/${name}`
}

/** Who asks while an answer is on its way gets the same one. */
function sharing<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let asked: Promise<Answer> | null = null
  return () => {
    asked ??= ask().finally(() => {
      asked = null
    })
    return asked
  }
}

/** The same calls, with errors of ours. */
const translating = (calls: StorageCalls): StorageCalls =>
  Object.fromEntries(
    Object.entries(calls).map(([name, call]: [string, (...args: never[]) => Promise<unknown>]) => [
      name,
      (...args: never[]) =>
        call(...args).catch((error: unknown) => {
          throw translateError(error)
        }),
    ]),
  ) as unknown as StorageCalls
