import type { StoredSnapshot } from '#worker/hypervisor/port.ts'
import type { StoragePool } from '../storage-pool.ts'
import type { Move, ReclaimJournal } from './reclaim-journal.ts'
import { readVmVolumes, type VmVolumes } from './volumes.ts'

/** The volume that has a volume's content by now: of two that were merged, the one that is left. */
export function contentOf(volume: string, moves: readonly Move[], isGone: (name: string) => boolean): string {
  const move = isGone(volume) ? moves.find(({ from }) => from === volume) : undefined
  return move ? contentOf(move.to, moves, isGone) : volume
}

/**
 * The merges of a running chain that are complete, though the file that is left over is still there: nothing but such a
 * merge puts a second overlay on a file that was to be merged.
 */
export const completedMoves = (
  moves: readonly Move[],
  overlaysOf: (volume: string) => string[],
  isOpen: (volume: string) => boolean,
): Move[] =>
  moves.filter(({ from, to }) => {
    const overlays = overlaysOf(to)
    return overlays.length > 1 && overlays.includes(from) && !isOpen(from)
  })

/** Snapshots under the names that their files have now: their rows follow a merge later. */
export async function followMoves(
  { pool, reclaims }: { pool: StoragePool; reclaims: ReclaimJournal },
  vmId: string,
  snapshots: readonly StoredSnapshot[],
): Promise<StoredSnapshot[]> {
  const { moves } = await reclaims.read(vmId)
  if (moves.length === 0) return [...snapshots]
  const volumes = await readVmVolumes(pool, vmId)
  return snapshots.map((snapshot) => ({ ...snapshot, disks: followDisks(snapshot, moves, volumes) }))
}

const followDisks = ({ disks }: StoredSnapshot, moves: readonly Move[], volumes: VmVolumes) =>
  disks.map(({ target, volume }) => ({ target, volume: contentOf(volume, moves, (name) => !volumes.has(name)) }))
