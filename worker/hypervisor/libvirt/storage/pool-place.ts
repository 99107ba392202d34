import { AppError } from '#db/errors.ts'
import type { StoragePoolSource } from '#db/storage-pool-source.ts'
import type { UserIds } from '../access.ts'
import { volumePlace } from './disk-places.ts'
import { openPoolDirectory } from './pool-directory.ts'
import type { PoolRecords } from './pool-records.ts'

/** Where pools may be. */
export interface PlaceDeps {
  qemuUser: UserIds
  records: PoolRecords
  /** Below them are pools that are directories; absolute. */
  poolDirectories: readonly string[]
  /** Directories that are no pools of users. */
  taken: readonly { directory: string; owner: string }[]
}

/** Whether what a definition names is a volume of the pool. */
export function isIn(place: string, poolName: string, directory: string | null, source: StoragePoolSource): boolean {
  if (place.startsWith(volumePlace(poolName, ''))) return true
  if (directory !== null) return place.startsWith(`${directory}/`)
  if (source.type === 'iscsi') return place.startsWith(`iscsi:${source.target}/`)
  return source.type === 'ceph-rbd' && place.startsWith(`rbd:${source.pool}/`)
}

/** The source as the node has it: a directory without links, and there. Throws for what this libvirt has no pools of. */
export async function placed(deps: PlaceDeps, poolId: string, source: StoragePoolSource): Promise<StoragePoolSource> {
  if (source.type === 'ceph-rbd' && source.namespace !== undefined) {
    throw new AppError(
      'unimplemented',
      'libvirt has no pools that are a namespace of a Ceph pool: leave the namespace out.',
      {
        reason: 'POOL_CANNOT',
      },
    )
  }
  if (source.type !== 'local-dir') return source
  const others = (await deps.records.ids()).filter((id) => id !== poolId)
  const records = await Promise.all(others.map((id) => deps.records.find(id)))
  const pools = records.flatMap((record, index) =>
    record?.source.type === 'local-dir'
      ? { directory: record.source.path, owner: `the storage pool "${others[index]}"` }
      : [],
  )
  const rules = { qemuUser: deps.qemuUser, allowed: deps.poolDirectories, taken: [...deps.taken, ...pools] }
  return { type: 'local-dir', path: await openPoolDirectory(source.path, rules) }
}
