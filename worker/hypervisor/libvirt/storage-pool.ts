import { statfs } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#db/errors.ts'
import type { LibvirtConnection } from './rpc/connection.ts'
import { ErrorCode, StoragePoolState } from './rpc/constants.gen.ts'
import { isLibvirtError, isNotFound, unlessNotFound } from './rpc/errors.ts'
import { type StoragePool as PoolReference, remote } from './rpc/protocol.gen.ts'
import { findPool } from './storage/libvirt-pool.ts'
import { readPoolDirectory, readVolume, type VolumeFacts } from './xml/read-storage.ts'
import { directoryPoolXml, qcow2VolumeXml, type VolumeParameters } from './xml/storage.ts'

/** A directory of files that belongs to one worker, handled through libvirt's storage API. */
export interface StoragePool {
  readonly directory: string
  /** Every file there is, also those that libvirt did not make as volumes. */
  list(): Promise<string[]>
  /** A file as libvirt knew it at the last `list`; null where it has none of that name. */
  read(volume: string): Promise<VolumeFacts | null>
  /** Makes a qcow2 file. Resolves to false, and does nothing, when a file of that name exists. */
  create(volume: VolumeParameters): Promise<boolean>
  /** What QEMU can still write there; null where that cannot be said. */
  freeBytes(): Promise<number | null>
  /** Removes a file; one that is not there is fine. */
  remove(volume: string): Promise<void>
}

/** qemu-img writes an empty qcow2 in 20 ms; a loaded disk may need long. */
const createTimeoutMs = 120_000

/** The worker's pool; libvirt's own object for it is made, or made again, whenever it is missing. */
export function storagePool(connection: LibvirtConnection, wanted: { name: string; path: string }): StoragePool {
  let last: Promise<unknown> = Promise.resolve()

  /** One at a time: libvirt refuses to refresh a pool in which a volume is being made. */
  function exclusive<T>(work: (pool: PoolReference) => Promise<T>): Promise<T> {
    const result = last.then(async () => work(await ensurePool(connection, wanted)))
    last = result.catch(() => undefined)
    return result
  }

  const lookUp = async (pool: PoolReference, name: string) =>
    (await connection.call(remote.storageVolLookupByName, { pool, name })).vol

  /** Null for a file that libvirt does not know yet: QEMU makes some, and we do. */
  const find = (pool: PoolReference, name: string) => unlessNotFound(lookUp(pool, name))

  const refresh = (pool: PoolReference) => connection.call(remote.storagePoolRefresh, { pool, flags: 0 })

  return {
    directory: wanted.path,

    list: () =>
      exclusive(async (pool) => {
        await refresh(pool)
        const { vols } = await connection.call(remote.storagePoolListAllVolumes, { pool, needResults: 1, flags: 0 })
        return vols.map(({ name }) => name)
      }),

    read: (volume) =>
      exclusive(async (pool) => {
        const vol = await find(pool, volume)
        const read = vol && (await unlessNotFound(connection.call(remote.storageVolGetXmlDesc, { vol, flags: 0 })))
        return read && readVolume(read.xml)
      }),

    create: (volume) =>
      exclusive(async (pool) => {
        try {
          const xml = qcow2VolumeXml(volume)
          await connection.call(remote.storageVolCreateXml, { pool, xml, flags: 0 }, { timeoutMs: createTimeoutMs })
          return true
        } catch (error) {
          if (isLibvirtError(error, ErrorCode.STORAGE_VOL_EXIST) || isExistingFile(error)) return false
          throw error
        }
      }),

    // libvirt's own figure is as old as the last refresh, and counts what is kept for root.
    freeBytes: () =>
      statfs(wanted.path).then(
        ({ bavail, bsize }) => bavail * bsize,
        () => null,
      ),

    remove: (volume) =>
      exclusive(async (pool) => {
        const vol = (await find(pool, volume)) ?? (await refresh(pool).then(() => find(pool, volume)))
        if (!vol) return
        try {
          await connection.call(remote.storageVolDelete, { vol, flags: 0 })
        } catch (error) {
          if (!isNotFound(error)) throw error
        }
      }),
  }
}

/** A file that libvirt's list of volumes does not have yet. */
const isExistingFile = (error: unknown): boolean =>
  isLibvirtError(error, ErrorCode.OPERATION_INVALID, ErrorCode.OPERATION_FAILED) &&
  /volume target path .* already exists/.test(error.message)

async function ensurePool(
  connection: LibvirtConnection,
  wanted: { name: string; path: string },
): Promise<PoolReference> {
  const pool = (await findPool(connection, wanted.name)) ?? (await definePool(connection, wanted))
  const { state } = await connection.call(remote.storagePoolGetInfo, { pool })
  if (state === StoragePoolState.INACTIVE) {
    await requireSameDirectory(connection, pool, wanted)
    // Makes the directory when it is missing, and leaves what is in it alone.
    await connection.call(remote.storagePoolBuild, { pool, flags: 0 })
    await connection.call(remote.storagePoolCreate, { pool, flags: 0 })
  }
  return pool
}

async function definePool(connection: LibvirtConnection, wanted: { name: string; path: string }) {
  try {
    const { pool } = await connection.call(remote.storagePoolDefineXml, { xml: directoryPoolXml(wanted), flags: 0 })
    await connection.call(remote.storagePoolSetAutostart, { pool, autostart: 1 })
    return pool
  } catch (error) {
    const other = isLibvirtError(error, ErrorCode.OPERATION_FAILED) && conflictingPool.exec(error.message)?.[1]
    throw other ? poolOfOthers(other, wanted.path) : error
  }
}

const conflictingPool = /Storage source conflict with pool: '([^']*)'/

/** As after the state directory was removed to begin anew: the pool of the worker before is still there. */
const poolOfOthers = (other: string, directory: string): AppError =>
  new AppError(
    'failed_precondition',
    `libvirt has a storage pool "${other}" for ${directory} already. If it is of a worker that is gone, remove it, the files stay: ` +
      `virsh pool-destroy ${other}; virsh pool-undefine ${other}. Otherwise give this worker another directory.`,
    { reason: 'STORAGE_POOL_ELSEWHERE' },
  )

/** Throws `failed_precondition` when libvirt's pool of that name is another directory: its files are not ours. */
export async function requireOwnPool(
  connection: LibvirtConnection,
  wanted: { name: string; path: string },
): Promise<void> {
  await requireSameDirectory(connection, await ensurePool(connection, wanted), wanted)
}

async function requireSameDirectory(
  connection: LibvirtConnection,
  pool: PoolReference,
  wanted: { name: string; path: string },
): Promise<void> {
  const directory = readPoolDirectory((await connection.call(remote.storagePoolGetXmlDesc, { pool, flags: 0 })).xml)
  if (directory !== null && path.resolve(directory) === path.resolve(wanted.path)) return
  throw new AppError(
    'failed_precondition',
    `libvirt has a storage pool "${wanted.name}" already, and it is ${directory ?? 'no directory'}, not ${wanted.path}. ` +
      `Give the worker that directory, or remove the pool (virsh pool-destroy and pool-undefine; the files stay).`,
    { reason: 'STORAGE_POOL_ELSEWHERE' },
  )
}
