import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { WithSubquery } from 'drizzle-orm/subquery'
import type { Drizzle } from '#db/client.ts'
import type { ObservedVm } from '#db/observed-state.ts'
import { type ImageRow, images } from '#db/schema/image.ts'
import { type SnapshotDisk, snapshots } from '#db/schema/snapshot.ts'
import { type StoragePoolRow, storagePools } from '#db/schema/storage-pool.ts'
import { type VmRow, vms } from '#db/schema/vm.ts'
import { type VolumeRow, volumes } from '#db/schema/volume.ts'

/** What an operation's end writes beside its own row, in the same statement. */
export interface ResourceChange {
  /** The image that it is about. */
  image?: Partial<Omit<ImageRow, 'id' | 'nodeId' | 'name'>> | 'delete'
  storagePool?: Partial<Omit<StoragePoolRow, 'id' | 'nodeId' | 'name'>> | 'delete'
  volume?: Partial<Omit<VolumeRow, 'id' | 'storagePoolId' | 'name'>> | 'delete'
  vm?:
    | Partial<ObservedVm & Pick<VmRow, 'diskProblem' | 'spec' | 'unmanaged' | 'tscFrequencyHz' | 'changedFrom'>>
    | 'delete'
  /**
   * The snapshot in the operation's input. One that is taken takes the VM's current one as its parent, and is current then;
   * the children of one that is deleted become its parent's, and its parent current if it was.
   */
  snapshot?: SnapshotChange | 'delete'
  /** The snapshot in the input becomes the VM's current one. */
  reverted?: true
  /** The snapshot that what was current before a revert becomes (`keepAs` of the input), or its removal. */
  kept?: SnapshotChange | 'delete'
  /** Volumes of the VM's snapshots that have another name now, in the order of their moves. */
  movedVolumes?: readonly VolumeMove[]
}

export interface VolumeMove {
  from: string
  to: string
}

export type SnapshotChange = Partial<
  Omit<typeof snapshots.$inferSelect, 'id' | 'vmId' | 'name' | 'parentId' | 'createdAt'>
>

/** The parts of the statement. Each sees the rows as they were before it, and no row may be in two of them. */
export function changeParts(drizzle: Drizzle, change: ResourceChange): WithSubquery[] {
  const moved = finalNames(change.movedVolumes ?? [])
  return [
    ...rowParts(drizzle, 'image', images, change.image),
    ...rowParts(drizzle, 'storage_pool', storagePools, change.storagePool),
    ...rowParts(drizzle, 'volume', volumes, change.volume),
    ...vmParts(drizzle, change),
    ...ownSnapshotParts(drizzle, 'changed_snapshot', snapshotId, change.snapshot, moved),
    ...ownSnapshotParts(drizzle, 'changed_kept', keptId, change.kept, moved),
    ...otherSnapshotParts(drizzle, change, moved),
  ]
}

/** Of the operation that ends: the statement's part `ended` has its `vm_id`, `image_id` and `input`. */
const vmId = sql`(select vm_id from ended)`
const snapshotId = sql`(select (input ->> 'snapshotId')::uuid from ended)`
const keptId = sql`(select (input ->> 'keepAs')::uuid from ended)`

/** Of a row that the operation is about, and that nothing else hangs on. */
function rowParts<Table extends typeof images | typeof storagePools | typeof volumes>(
  drizzle: Drizzle,
  noun: string,
  table: Table,
  change: Partial<Table['$inferSelect']> | 'delete' | undefined,
): WithSubquery[] {
  if (!change) return []
  const isOwn = eq(table.id, sql`(select ${sql.identifier(`${noun}_id`)} from ended)`)
  const returning = { id: table.id }
  const changed =
    change === 'delete'
      ? drizzle.delete(table).where(isOwn).returning(returning)
      : drizzle
          .update(table)
          .set(change as object)
          .where(isOwn)
          .returning(returning)
  return [drizzle.$with(`changed_${noun}`).as(changed)]
}

function vmParts(drizzle: Drizzle, change: ResourceChange): WithSubquery[] {
  if (change.vm === 'delete') {
    return [drizzle.$with('deleted_vm').as(drizzle.delete(vms).where(eq(vms.id, vmId)).returning({ id: vms.id }))]
  }
  const currentSnapshotId = currentAfter(change)
  if (!change.vm && !currentSnapshotId) return []
  const set = { ...change.vm, ...(currentSnapshotId && { currentSnapshotId }), updatedAt: sql`now()` }
  const update = drizzle.update(vms).set(set).where(eq(vms.id, vmId)).returning({ id: vms.id })
  return [drizzle.$with('changed_vm').as(update)]
}

/** Where the VM's disks come from afterwards; undefined where that stays. */
function currentAfter({ snapshot, reverted }: ResourceChange): SQL | undefined {
  if (reverted || isTaken(snapshot)) return snapshotId
  if (snapshot !== 'delete') return undefined
  const parentId = sql`(select parent_id from ${snapshots} where id = ${snapshotId})`
  return sql`case when ${vms.currentSnapshotId} = ${snapshotId} then ${parentId} else ${vms.currentSnapshotId} end`
}

/** Only of one that was just taken it is known when. */
export const isTaken = (change: SnapshotChange | 'delete' | undefined): boolean =>
  change !== undefined && change !== 'delete' && change.takenAt !== undefined

/** A snapshot that the operation itself is about. */
function ownSnapshotParts(
  drizzle: Drizzle,
  name: string,
  id: SQL,
  change: SnapshotChange | 'delete' | undefined,
  moved: ReadonlyMap<string, string>,
): WithSubquery[] {
  if (!change) return []
  const isOwn = eq(snapshots.id, id)
  if (change === 'delete') {
    return [drizzle.$with(name).as(drizzle.delete(snapshots).where(isOwn).returning({ id: snapshots.id }))]
  }
  const set = {
    ...change,
    ...(change.disks && { disks: change.disks.map((disk) => renamed(disk, moved)) }),
    ...(isTaken(change) && { parentId: sql`(select current_snapshot_id from ${vms} where id = ${vmId})` }),
  }
  return [drizzle.$with(name).as(drizzle.update(snapshots).set(set).where(isOwn).returning({ id: snapshots.id }))]
}

/** The VM's other snapshots: whose parent goes, and whose volumes have another name now. */
function otherSnapshotParts(
  drizzle: Drizzle,
  { snapshot, kept }: ResourceChange,
  moved: ReadonlyMap<string, string>,
): WithSubquery[] {
  if (snapshot !== 'delete' && moved.size === 0) return []
  const set = {
    ...(snapshot === 'delete' && {
      parentId: sql`case when ${snapshots.parentId} = ${snapshotId}
        then (select gone.parent_id from snapshots gone where gone.id = ${snapshotId}) else ${snapshots.parentId} end`,
    }),
    ...(moved.size > 0 && { disks: renamedDisks(moved) }),
  }
  const isOther = and(
    eq(snapshots.vmId, vmId),
    snapshot ? sql`${snapshots.id} is distinct from ${snapshotId}` : undefined,
    kept ? sql`${snapshots.id} is distinct from ${keptId}` : undefined,
  )
  const update = drizzle.update(snapshots).set(set).where(isOther).returning({ id: snapshots.id })
  return [drizzle.$with('changed_others').as(update)]
}

/** The name that each volume has in the end: one may have moved more than once. */
export function finalNames(moves: readonly VolumeMove[]): ReadonlyMap<string, string> {
  const final = new Map<string, string>()
  for (const { from, to } of moves) {
    for (const [first, last] of final) if (last === from) final.set(first, to)
    final.set(from, to)
  }
  return final
}

export const renamed = (disk: SnapshotDisk, moved: ReadonlyMap<string, string>): SnapshotDisk => ({
  ...disk,
  volume: moved.get(disk.volume) ?? disk.volume,
})

function renamedDisks(moved: ReadonlyMap<string, string>): SQL {
  const names = JSON.stringify(Object.fromEntries(moved))
  const name = sql`coalesce(${names}::jsonb -> (disk ->> 'volume'), disk -> 'volume')`
  const disks = sql`select jsonb_agg(jsonb_set(disk, '{volume}', ${name}) order by position)
    from jsonb_array_elements(${snapshots.disks}) with ordinality as listed (disk, position)`
  return sql`coalesce((${disks}), ${snapshots.disks})`
}
