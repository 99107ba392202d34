import type { Logger } from 'pino'
import type { Database } from '#db/client.ts'
import { newId } from '#db/new-id.ts'
import type { Claimant } from '#db/operations/claim.ts'
import { isSameJson } from '#db/same-json.ts'
import { findStorage, recordStorage, type SeenPool, type SeenVolume } from '#db/storage-report.ts'
import type { StorageCalls, StoragePoolState } from '#worker/hypervisor/storage-calls.ts'
import { poolColumns, volumeColumns } from '#worker/operations/storage-rows.ts'

interface StorageReportDependencies {
  db: Database
  hypervisor: Pick<StorageCalls, 'listStoragePools' | 'listVolumes'>
  claimant: Claimant
  log: Logger
}

/** Keeps the rows of the node's storage pools and volumes in line with the node: their sizes, and those that others made. */
export function createStorageReport({ db, hypervisor, claimant, log }: StorageReportDependencies) {
  /** What is on the node and in no row: an operation may just have removed it, or be about to write it down. */
  let unknownBefore: ReadonlySet<string> = new Set()

  /** Null where they could not be listed. */
  const volumesOf = ({ poolId }: StoragePoolState): Promise<SeenVolume[] | null> =>
    hypervisor.listVolumes(poolId).then(
      (listed) => listed.map((volume) => ({ pool: poolId, name: volume.volumeId, ...volumeColumns(volume) })),
      (err) => {
        log.warn({ err, pool: poolId }, 'volumes could not be listed')
        return null
      },
    )

  return {
    /** Writes down what differs. */
    async look(): Promise<void> {
      // In this order: what has a row was on the node before.
      const known = await findStorage(db, claimant.nodeId)
      const states = await hypervisor.listStoragePools()
      const pools: SeenPool[] = states.map((state) => ({ name: state.poolId, ...poolColumns(state) }))
      const listed = new Map(
        await Promise.all(
          states.map(async (state) => [state.poolId, state.active ? await volumesOf(state) : null] as const),
        ),
      )
      const unknown = new Set<string>()
      const changedOf = <Seen extends object>(
        seen: Seen[],
        rows: (Seen & { id: string })[],
        nameOf: (one: Seen) => string,
      ) => {
        const byName = new Map(rows.map((row) => [nameOf(row), row]))
        return seen.flatMap((one) => {
          const row = byName.get(nameOf(one))
          if (row) return isSameJson({ id: row.id, ...one }, row) ? [] : [{ ...one, id: row.id }]
          unknown.add(nameOf(one))
          return unknownBefore.has(nameOf(one)) ? [{ ...one, id: newId() }] : []
        })
      }
      const seenVolumes = [...listed.values()].flatMap((volumes) => volumes ?? [])
      const changes = {
        pools: changedOf(pools, known.pools, poolName),
        volumes: changedOf(seenVolumes, known.volumes, volumeName),
        gonePoolIds: gone(known.pools, new Set(pools.map(poolName)), poolName),
        goneVolumeIds: gone(
          known.volumes.filter(({ pool }) => listed.get(pool)),
          new Set(seenVolumes.map(volumeName)),
          volumeName,
        ),
      }
      unknownBefore = unknown
      if (Object.values(changes).every(({ length }) => length === 0)) return
      await recordStorage(db, claimant, changes)
    },
  }
}

const poolName = ({ name }: { name: string }): string => name
const volumeName = ({ pool, name }: { pool: string; name: string }): string => `${pool}/${name}`

const gone = <Row extends { id: string }>(
  rows: Row[],
  seen: ReadonlySet<string>,
  nameOf: (row: Row) => string,
): string[] => rows.filter((row) => !seen.has(nameOf(row))).map(({ id }) => id)
