import type { Deps } from '#api/deps.ts'
import { AppError } from '#db/errors.ts'
import { ring } from '#db/operations/begin.ts'
import { recordPoolCreate } from '#db/operations/record-storage.ts'
import { poolSecretPlace } from '#db/secrets/pool-secret.ts'
import type { StoragePoolInput } from './schemas.ts'
import { getPool } from './service.ts'

/**
 * Begins to make a storage pool usable on a node. Throws `already_exists` where it has one of that name, `not_found` for the
 * node, and `failed_precondition` for a secret that no key seals.
 */
export async function createPool(deps: Deps, nodeId: string, { name, source, secret }: StoragePoolInput) {
  const storagePoolId = deps.newId()
  const found = await recordPoolCreate(deps.database, {
    operationId: deps.newId(),
    storagePoolId,
    nodeId,
    name,
    source,
    secret: secret === undefined ? null : await deps.secretBox.seal(poolSecretPlace(storagePoolId), secret),
  })
  if (found) {
    ring(deps, found.operation)
    return found
  }
  const { pool } = await getPool(deps.database, { nodeId, pool: name })
  throw new AppError('already_exists', `The node has a storage pool named ${name} already. Choose another name.`, {
    reason: 'POOL_EXISTS',
    details: { nodeId, state: pool.state },
  })
}
