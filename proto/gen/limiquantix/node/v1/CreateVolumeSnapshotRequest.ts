// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A snapshot of a volume to be taken.
 */
export interface CreateVolumeSnapshotRequest {
  /**
   * The pool.
   */
  'poolId'?: (string);
  /**
   * The volume in it.
   */
  'volumeId'?: (string);
  /**
   * The snapshot.
   */
  'snapshotId'?: (string);
}

/**
 * A snapshot of a volume to be taken.
 */
export interface CreateVolumeSnapshotRequest__Output {
  /**
   * The pool.
   */
  'poolId': (string);
  /**
   * The volume in it.
   */
  'volumeId': (string);
  /**
   * The snapshot.
   */
  'snapshotId': (string);
}
