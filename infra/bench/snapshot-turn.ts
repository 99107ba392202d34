/** What a turn of a snapshot, a revert to it and its deletion takes. */
export interface SnapshotTurn {
  snapshotMs: number
  revertMs: number
  deleteMs: number
  /** A pause, for which nothing has to be looked at. */
  pauseMs: number
  /** What QEMU wrote while the snapshot was deleted. */
  copiedBytes: number
  /** The smaller side of that merge, as it was on the disk. */
  smallerBytes: number
}

/** A running VM with one disk, on which turns can be taken; each leaves its chain as deep as it was. */
export interface SnapshotContender {
  /** Takes snapshots until the disk is a chain of so many overlays. */
  deepen(overlays: number): Promise<void>
  turn(): Promise<SnapshotTurn>
}

/** Where the guest writes and how much, MiB: before the snapshot, after it, and after the revert. */
export const writes = { kept: [0, 16], discarded: [64, 4], current: [128, 2] } as const
