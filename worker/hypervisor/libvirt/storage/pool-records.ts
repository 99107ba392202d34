import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { StoragePoolSource } from '#db/storage-pool-source.ts'
import { poolNotFound, type VolumeOrigin } from '#worker/hypervisor/storage-rules.ts'
import { readJson, writeJson } from '#worker/json-file.ts'
import { vmLocks } from '../vm-locks.ts'

/** What the worker remembers of a pool that it made. */
export interface PoolRecord {
  source: StoragePoolSource
  /** What its volumes were asked to be, by id; also of one that is not there yet, or no more. */
  volumes: Record<string, VolumeOrigin>
}

/**
 * The pools of this worker, a file each. libvirt's own list would not do: it waits for each pool in turn, also for one
 * whose server does not answer (seen on 9.0), and its definitions can be removed behind our back.
 */
export interface PoolRecords {
  ids(): Promise<string[]>
  find(poolId: string): Promise<PoolRecord | null>
  /** Throws `not_found`. */
  require(poolId: string): Promise<PoolRecord>
  write(poolId: string, record: PoolRecord): Promise<void>
  /** Remembers what a volume was asked to be, or forgets it. */
  writeVolume(poolId: string, volumeId: string, origin: VolumeOrigin | null): Promise<void>
  remove(poolId: string): Promise<void>
}

const suffix = '.json'

export function poolRecords(stateDirectory: string): PoolRecords {
  const directory = path.join(stateDirectory, 'storage-pools')
  const fileOf = (poolId: string) => path.join(directory, `${poolId}${suffix}`)
  const locks = vmLocks()
  const find = (poolId: string) => readJson<PoolRecord>(fileOf(poolId))
  async function required(poolId: string) {
    const record = await find(poolId)
    if (!record) throw poolNotFound(poolId)
    return record
  }
  return {
    async ids() {
      await mkdir(directory, { recursive: true })
      const names = await readdir(directory)
      return names
        .filter((name) => name.endsWith(suffix))
        .map((name) => name.slice(0, -suffix.length))
        .sort()
    },
    find,
    require: required,
    write: (poolId, record) => writeJson(fileOf(poolId), record),
    writeVolume: (poolId, volumeId, origin) =>
      locks.exclusive(poolId, async () => {
        const { source, volumes } = await required(poolId)
        const { [volumeId]: _, ...others } = volumes
        await writeJson(fileOf(poolId), { source, volumes: origin ? { ...others, [volumeId]: origin } : others })
      }),
    remove: (poolId) => rm(fileOf(poolId), { force: true }),
  }
}
