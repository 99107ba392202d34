// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A snapshot to be removed.
 */
export interface DeleteSnapshotRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * The snapshot.
   */
  'snapshotId'?: (string);
}

/**
 * A snapshot to be removed.
 */
export interface DeleteSnapshotRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * The snapshot.
   */
  'snapshotId': (string);
}
