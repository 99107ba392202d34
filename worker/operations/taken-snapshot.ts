import type { SnapshotTaken } from '#worker/hypervisor/snapshot-calls.ts'

/** What a step took, with the time of it, as its output keeps it. */
export interface TakenSnapshot extends SnapshotTaken {
  takenAt: string
}

export const takenNow = (taken: SnapshotTaken): TakenSnapshot => ({ ...taken, takenAt: new Date().toISOString() })

/** What becomes of the row of a snapshot that was taken. */
export const readySnapshot = ({ takenAt, ...taken }: TakenSnapshot) => ({
  ...taken,
  takenAt: new Date(takenAt),
  state: 'READY' as const,
})
