import { AppError } from '#db/errors.ts'
import type { StoragePoolSource } from '#db/storage-pool-source.ts'
import type { LibvirtConnection } from '../rpc/connection.ts'
import { isNotFound } from '../rpc/errors.ts'
import { remote } from '../rpc/protocol.gen.ts'
import { type PoolParameters, secretXml } from './pool-xml.ts'

/** The user that a pool's server knows; null where it asks for none. */
export const userOf = (source: StoragePoolSource): string | null =>
  (source.type === 'iscsi' ? source.chapUser : source.type === 'ceph-rbd' ? source.user : undefined) ?? null

/** Throws `invalid_argument` for a secret without a user, or the other way round. */
export function requireFittingSecret(source: StoragePoolSource, hasSecret: boolean): void {
  if ((userOf(source) !== null) === hasSecret) return
  throw new AppError(
    'invalid_argument',
    hasSecret ? 'A secret needs the user that it is of.' : 'A pool with a user needs the secret of that user.',
    { reason: 'POOL_SECRET_MISMATCH' },
  )
}

/** Gives libvirt the secret of a pool, or another one in place of the last. */
export async function keepSecret(connection: LibvirtConnection, pool: PoolParameters, text: string): Promise<void> {
  const { secret } = await connection.call(remote.secretDefineXml, { xml: secretXml(pool), flags: 0 })
  // A key of Ceph is known as base64, and libvirt encodes it itself.
  const value = Buffer.from(text, pool.source.type === 'ceph-rbd' ? 'base64' : 'utf8')
  await connection.call(remote.secretSetValue, { secret, value, flags: 0 })
}

export async function forgetSecret(connection: LibvirtConnection, uuid: string): Promise<void> {
  try {
    const { secret } = await connection.call(remote.secretLookupByUuid, { uuid })
    await connection.call(remote.secretUndefine, { secret })
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}
