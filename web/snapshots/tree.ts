import type { Snapshot } from '#openapi/sdk/typescript/index.ts'

/** A snapshot with how many it stands on. */
export interface TreeRow {
  snapshot: Snapshot
  depth: number
}

/** Each snapshot below the one that its disks came from, oldest first among those of the same parent. */
export function treeOf(snapshots: readonly Snapshot[]): TreeRow[] {
  const ids = new Set(snapshots.map(({ id }) => id))
  const byParent = Map.groupBy(snapshots, ({ parentId }) => (parentId !== null && ids.has(parentId) ? parentId : null))
  const below = (parentId: string | null, depth: number): TreeRow[] =>
    (byParent.get(parentId) ?? [])
      .toSorted((a, b) => a.createdAt.localeCompare(b.createdAt))
      .flatMap((snapshot) => [{ snapshot, depth }, ...below(snapshot.id, depth + 1)])
  return below(null, 0)
}
