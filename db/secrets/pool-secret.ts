import { eq } from 'drizzle-orm'
import type { Database } from '#db/client.ts'
import { storagePools } from '#db/schema/storage-pool.ts'
import type { SealedSecret } from './secret-box.ts'

/** Where the secret of a pool is sealed for. */
export const poolSecretPlace = (storagePoolId: string) => ({ id: storagePoolId, name: 'secret of the storage pool' })

/** Null where the pool has none, or its node has it by now. */
export async function findPoolSecret({ drizzle }: Database, storagePoolId: string): Promise<SealedSecret | null> {
  const [pool] = await drizzle
    .select({ secret: storagePools.secret })
    .from(storagePools)
    .where(eq(storagePools.id, storagePoolId))
  return pool?.secret ?? null
}
