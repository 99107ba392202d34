import type { VolumeMove } from '#db/operations/resource-change.ts'
import type { StoredSnapshot } from '#worker/hypervisor/snapshot-calls.ts'
import type { StoragePool } from '../storage-pool.ts'
import type { Merge, ReclaimJournal } from './reclaim-journal.ts'
import { readVmVolumes, type VmVolumes } from './volumes.ts'

/** The volume that has a volume's content by now: of two that were merged, the one that is left. */
export function contentOf(volume: string, merges: readonly Merge[], isGone: (name: string) => boolean): string {
  const merge = isGone(volume) ? merges.find(({ kind, child }) => kind === 'middle' && child === volume) : undefined
  return merge ? contentOf(merge.parent, merges, isGone) : volume
}

/**
 * The merges in the middle of a chain that still runs, and no longer has the child open: nothing but such a merge puts
 * a second overlay on a parent that was to be merged.
 */
export const completedMerges = (
  merges: readonly Merge[],
  overlaysOf: (volume: string) => string[],
  isOpen: (volume: string) => boolean,
): Merge[] =>
  merges.filter(({ kind, child, parent }) => {
    const overlays = overlaysOf(parent)
    return kind === 'middle' && overlays.length > 1 && overlays.includes(child) && isOpen(parent) && !isOpen(child)
  })

/** Snapshots under the names that their files have now: their rows follow a merge later. */
export async function followMerges(
  { pool, reclaims }: { pool: StoragePool; reclaims: ReclaimJournal },
  vmId: string,
  snapshots: readonly StoredSnapshot[],
): Promise<StoredSnapshot[]> {
  const { merges } = await reclaims.read(vmId)
  if (merges.length === 0) return [...snapshots]
  const volumes = await readVmVolumes(pool, vmId)
  return snapshots.map((snapshot) => ({ ...snapshot, disks: followDisks(snapshot, merges, volumes) }))
}

/** What the rows of these snapshots have missed. */
export async function findMoves(
  deps: { pool: StoragePool; reclaims: ReclaimJournal },
  vmId: string,
  snapshots: readonly StoredSnapshot[],
): Promise<VolumeMove[]> {
  const volumesOf = (found: readonly StoredSnapshot[]) =>
    found.flatMap(({ disks }) => disks.map(({ volume }) => volume))
  const now = volumesOf(await followMerges(deps, vmId, snapshots))
  const moves = new Map(volumesOf(snapshots).map((from, index) => [from, now[index] ?? from]))
  return [...moves].flatMap(([from, to]) => (from === to ? [] : [{ from, to }]))
}

const followDisks = ({ disks }: StoredSnapshot, merges: readonly Merge[], volumes: VmVolumes) =>
  disks.map(({ target, volume }) => ({ target, volume: contentOf(volume, merges, (name) => !volumes.has(name)) }))
