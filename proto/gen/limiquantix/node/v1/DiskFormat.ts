// Original file: proto/limiquantix/node/v1/node_daemon.proto

/**
 * Format of a disk's file.
 */
export const DiskFormat = {
  /**
   * qcow2: clones and snapshots.
   */
  DISK_FORMAT_QCOW2: 'DISK_FORMAT_QCOW2',
  /**
   * raw.
   */
  DISK_FORMAT_RAW: 'DISK_FORMAT_RAW',
} as const;

/**
 * Format of a disk's file.
 */
export type DiskFormat =
  /**
   * qcow2: clones and snapshots.
   */
  | 'DISK_FORMAT_QCOW2'
  | 0
  /**
   * raw.
   */
  | 'DISK_FORMAT_RAW'
  | 1

/**
 * Format of a disk's file.
 */
export type DiskFormat__Output = typeof DiskFormat[keyof typeof DiskFormat]
