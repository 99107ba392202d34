import { AppError } from '#db/errors.ts'
import { poolInUse, sourceTaken } from '#worker/hypervisor/storage-rules.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { StoragePoolState } from '../rpc/constants.gen.ts'
import { isLibvirtError, isNotFound, unlessNotFound } from '../rpc/errors.ts'
import { type StoragePool as PoolReference, remote } from '../rpc/protocol.gen.ts'
import { type PoolParameters, poolXml } from './pool-xml.ts'

/** libvirt's pool, or null where it has none of that name. */
export async function findPool(connection: LibvirtConnection, name: string): Promise<PoolReference | null> {
  const found = await unlessNotFound(connection.call(remote.storagePoolLookupByName, { name }))
  return found?.pool ?? null
}

/**
 * Defines a pool where it is missing, and starts it where it does not run; libvirt looks then at what is in it. libvirt itself
 * starts at its own start only what is on the node.
 */
export async function startPool(connection: LibvirtConnection, wanted: PoolParameters): Promise<PoolReference> {
  const found = await findPool(connection, wanted.name)
  if (found && (await isActive(connection, found))) return found
  try {
    const { pool } = await connection.call(remote.storagePoolDefineXml, { xml: poolXml(wanted), flags: 0 })
    const autostart = wanted.source.type === 'local-dir' ? 1 : 0
    await connection.call(remote.storagePoolSetAutostart, { pool, autostart })
    // Makes the mount point.
    if (wanted.source.type === 'nfs') await connection.call(remote.storagePoolBuild, { pool, flags: 0 })
    await connection.call(remote.storagePoolCreate, { pool, flags: 0 })
    return pool
  } catch (error) {
    throw explainStart(wanted, error)
  }
}

const isActive = async (connection: LibvirtConnection, pool: PoolReference): Promise<boolean> =>
  (await connection.call(remote.storagePoolGetInfo, { pool })).state !== StoragePoolState.INACTIVE

function explainStart({ name }: PoolParameters, error: unknown): unknown {
  if (!isLibvirtError(error)) return error
  const { message } = error
  const other = /Storage source conflict with pool: '([^']*)'/.exec(message)?.[1]
  if (other !== undefined) return sourceTaken(`libvirt has it as the storage pool "${other}" already.`)
  if (/already defined with uuid/.test(message))
    return sourceTaken(`libvirt has a storage pool "${name}" that is none of ours.`)
  if (/is already active|already being started/.test(message)) {
    return new AppError('unavailable', 'The storage pool is just being started. Try again.', {
      reason: 'POOL_NOT_REACHABLE',
      cause: error,
    })
  }
  if (/Authentication failure|authentication failed/i.test(message)) {
    return new AppError('failed_precondition', 'The server of the storage pool refuses the user or the secret.', {
      reason: 'POOL_LOGIN_REFUSED',
      cause: error,
    })
  }
  return new AppError('failed_precondition', `The storage pool cannot be used. (libvirt: ${message})`, {
    reason: 'POOL_UNUSABLE',
    cause: error,
  })
}

/** Takes a pool out of libvirt; one that is not there is fine. Throws `failed_precondition` where something has a file of it open. */
export async function removePool(connection: LibvirtConnection, name: string, poolId: string): Promise<void> {
  const pool = await findPool(connection, name)
  if (!pool) return
  try {
    if (await isActive(connection, pool)) await connection.call(remote.storagePoolDestroy, { pool })
    await connection.call(remote.storagePoolUndefine, { pool })
  } catch (error) {
    if (isNotFound(error)) return
    throw isLibvirtError(error) && /busy/.test(error.message)
      ? poolInUse(poolId, 'a program has a file of it open')
      : error
  }
}

/** Stops a pool; the next who uses it starts it again. One that does not run is fine. */
export async function stopPool(connection: LibvirtConnection, pool: PoolReference): Promise<void> {
  await connection.call(remote.storagePoolDestroy, { pool }).catch((error) => {
    if (!isLibvirtError(error)) throw error
  })
}

/** Has libvirt look at what we changed in a pool, for whoever names volumes by it. What we did is done all the same. */
export async function showLibvirt(connection: LibvirtConnection, pool: PoolReference): Promise<void> {
  await connection.call(remote.storagePoolRefresh, { pool, flags: 0 }).catch((error) => {
    if (!isLibvirtError(error)) throw error
  })
}
