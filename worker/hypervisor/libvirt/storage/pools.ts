import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { StoragePoolSource } from '#db/storage-pool-source.ts'
import type { StoragePool, StoragePoolState } from '#worker/hypervisor/storage-calls.ts'
import { poolInUse, poolTypes, requirePlainName, requireSameSource } from '#worker/hypervisor/storage-rules.ts'
import { translateError } from '../errors.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { vmLocks } from '../vm-locks.ts'
import { findPool, removePool, startPool, stopPool } from './libvirt-pool.ts'
import { measurePool } from './measure-pool.ts'
import { requireMounted } from './nfs-mount.ts'
import { directoryOf, type OpenPool } from './open-pool.ts'
import { requirePoolDirectory } from './pool-directory.ts'
import { poolGate } from './pool-gate.ts'
import { initiatorName, libvirtPoolName, poolUuid, secretUuid } from './pool-names.ts'
import { isIn, type PlaceDeps, placed } from './pool-place.ts'
import type { PoolRecord } from './pool-records.ts'
import { forgetSecret, keepSecret, requireFittingSecret, userOf } from './pool-secret.ts'
import type { PoolParameters } from './pool-xml.ts'
import { requireServer } from './server-probe.ts'
import { readVolumeUsers } from './volume-users.ts'

export interface PoolDeps extends PlaceDeps {
  nodeId: string
  /** For pools alone: libvirt may wait for a server here, and nothing else waits with it. */
  poolConnection: LibvirtConnection
  connection: LibvirtConnection
  /** Where NFS exports are mounted; absolute. */
  mountDirectory: string
}

export interface Pools {
  init(pool: StoragePool): Promise<StoragePoolState>
  /** Refused while `isBusy`. */
  destroy(poolId: string, isBusy: () => boolean): Promise<void>
  state(poolId: string): Promise<StoragePoolState>
  states(): Promise<StoragePoolState[]>
  /** Works on a pool that is usable, or made so. Throws `unavailable` where its server does not answer, or not in time. */
  use<Result>(poolId: string, work: (pool: OpenPool) => Promise<Result>, timeoutMs?: number): Promise<Result>
}

/** The pools of this worker on libvirt. */
export function openPools(deps: PoolDeps): Pools {
  const { nodeId, poolConnection, connection, records } = deps
  const gate = poolGate()
  const locks = vmLocks()
  /** One at a time makes a pool or takes it away. */
  const changes = vmLocks()
  /** One directory at a time is compared with all others and written down. */
  const claims = vmLocks()

  const parametersOf = (poolId: string, source: StoragePoolSource): PoolParameters => ({
    name: libvirtPoolName(nodeId, poolId),
    uuid: poolUuid(nodeId, poolId),
    source,
    mountPoint: path.join(deps.mountDirectory, poolId),
    initiator: initiatorName(nodeId),
    secretUuid: secretUuid(nodeId, poolId),
  })

  async function open(poolId: string, record: PoolRecord): Promise<OpenPool> {
    const { source } = record
    const parameters = parametersOf(poolId, source)
    if (source.type === 'local-dir') await requirePoolDirectory(source.path)
    if (source.type === 'nfs') await mkdir(deps.mountDirectory, { recursive: true, mode: 0o711 })
    const reference = await startPool(poolConnection, parameters)
    if (source.type === 'nfs') {
      await requireMounted(parameters.mountPoint).catch(async (error) => {
        // Mounted again by the next who uses it.
        await stopPool(poolConnection, reference)
        throw error
      })
    }
    return { poolId, source, reference, parameters, record }
  }

  /**
   * A file system stays mounted. What is on a server runs no longer than somebody looks: QEMU needs no pool to get there, and
   * a libvirtd that starts waits for the server of each pool that ran, before it answers anybody (seen on 9.0).
   */
  async function opened<Result>(poolId: string, record: PoolRecord, work: (pool: OpenPool) => Promise<Result>) {
    if (poolTypes[record.source.type].isFileSystem) {
      return work(await locks.exclusive(poolId, () => open(poolId, record)))
    }
    return locks.exclusive(poolId, async () => {
      const pool = await open(poolId, record)
      try {
        return await work(pool)
      } finally {
        await stopPool(poolConnection, pool.reference)
      }
    })
  }

  async function use<Result>(poolId: string, work: (pool: OpenPool) => Promise<Result>, timeoutMs?: number) {
    const record = await known(poolId)
    await requireServer(record.source, initiatorName(nodeId))
    return gate.pass(poolId, () => opened(poolId, record, work), timeoutMs)
  }

  async function known(poolId: string): Promise<PoolRecord> {
    requirePlainName('pool_id', poolId)
    return records.require(poolId)
  }

  async function state(poolId: string): Promise<StoragePoolState> {
    const { source } = await known(poolId)
    const mountPath = directoryOf({ source, parameters: parametersOf(poolId, source) })
    const common = { poolId, source, mountPath }
    try {
      return {
        ...common,
        active: true,
        problem: null,
        ...(await use(poolId, (pool) => measurePool(poolConnection, pool))),
      }
    } catch (thrown) {
      const error = translateError(thrown)
      if (!(error instanceof AppError)) throw error
      const nothing = { capacityBytes: 0, allocationBytes: 0, availableBytes: 0, volumeCount: 0 }
      return { ...common, active: false, problem: error.message, ...nothing }
    }
  }

  /** Takes away what libvirt has of a pool, and what is remembered of it. */
  async function remove(poolId: string, source: StoragePoolSource) {
    const parameters = parametersOf(poolId, source)
    await locks.exclusive(poolId, () => removePool(poolConnection, parameters.name, poolId))
    if (userOf(source) !== null) {
      for (const { secretUuid } of [parameters, forTrial(poolId, parameters)])
        await forgetSecret(connection, secretUuid)
    }
    await records.remove(poolId)
  }

  /** The same pool with a secret of its own. No pool's name has a slash. */
  const forTrial = (poolId: string, pool: PoolParameters): PoolParameters => ({
    ...pool,
    secretUuid: secretUuid(nodeId, `${poolId}/trial`),
  })

  /**
   * Throws where the server refuses the secret. The one that the pool has stays, which libvirt would not say again; the
   * definition, which names the other one then, is written anew by whoever uses the pool next.
   */
  async function tryLogin(poolId: string, source: StoragePoolSource, secret: string): Promise<void> {
    const pool = forTrial(poolId, parametersOf(poolId, source))
    const login = async () => {
      // One that runs has logged in before.
      const running = await findPool(poolConnection, pool.name)
      if (running) await stopPool(poolConnection, running)
      try {
        await keepSecret(connection, { ...pool, name: `${pool.name}/trial` }, secret)
        await stopPool(poolConnection, await startPool(poolConnection, pool))
      } finally {
        await forgetSecret(connection, pool.secretUuid)
      }
    }
    await gate.pass(poolId, () => locks.exclusive(poolId, login))
  }

  /** Where a pool is to be, which nobody else has, written down. */
  async function claimPlace({ poolId, source: asked, secret }: StoragePool) {
    const record = await records.find(poolId)
    const source = await placed(deps, poolId, asked)
    if (record) requireSameSource(poolId, record.source, source)
    if (!record || secret !== null) requireFittingSecret(source, secret !== null)
    await requireServer(source, initiatorName(nodeId))
    if (!record) await records.write(poolId, { source, volumes: {} })
    return { source, record }
  }

  async function init(pool: StoragePool): Promise<StoragePoolState> {
    const { poolId, secret } = pool
    requirePlainName('pool_id', poolId)
    const claim = () => claimPlace(pool)
    const isDirectory = pool.source.type === 'local-dir'
    // A directory can be on a server, too, that never answers.
    const { source, record } = await (isDirectory ? gate.pass(poolId, () => claims.exclusive('all', claim)) : claim())
    try {
      if (record && secret !== null) await tryLogin(poolId, source, secret)
      if (secret !== null) await keepSecret(connection, parametersOf(poolId, source), secret)
      await use(poolId, (pool) => measurePool(poolConnection, pool))
    } catch (error) {
      // One that hangs is not waited for a second time; whoever asks again finds what is there.
      const isLeft = error instanceof AppError && error.code === 'unavailable'
      if (!record && !isLeft) await remove(poolId, source)
      throw error
    }
    return state(poolId)
  }

  return {
    use,
    state,
    states: async () => {
      const found = (await records.ids()).map((poolId) => state(poolId).catch(nullIfGone))
      return (await Promise.all(found)).filter((each) => each !== null)
    },

    init: (pool) => changes.exclusive(pool.poolId, () => init(pool)),

    destroy: (poolId, isBusy) =>
      changes.exclusive(poolId, async () => {
        requirePlainName('pool_id', poolId)
        const record = await records.find(poolId)
        if (!record) return
        const { source } = record
        const parameters = parametersOf(poolId, source)
        const directory = directoryOf({ source, parameters })
        const users = await readVolumeUsers(connection)
        const [first] = users.where((place) => isIn(place, parameters.name, directory, source))
        if (first) throw poolInUse(poolId, `VM ${first.vmId} has a volume of it as a disk. Detach it first`)
        if (isBusy()) throw poolInUse(poolId, 'a volume is just being made in it. Try again')
        await gate.pass(poolId, () => remove(poolId, source))
      }),
  }
}

const nullIfGone = (error: unknown): null => {
  if (error instanceof AppError && error.reason === 'POOL_NOT_FOUND') return null
  throw error
}
