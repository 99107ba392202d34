import type { SnapshotState } from '#db/schema/snapshot.ts'

/** From which states a snapshot may begin each action. */
export const snapshotAllowedFrom = {
  revert: ['READY'],
  deleteSnapshot: ['READY', 'FAILED'],
} as const satisfies Record<string, readonly SnapshotState[]>

export type SnapshotAction = keyof typeof snapshotAllowedFrom
