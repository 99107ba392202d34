// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A snapshot to go back to.
 */
export interface RevertSnapshotRequest {
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
 * A snapshot to go back to.
 */
export interface RevertSnapshotRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * The snapshot.
   */
  'snapshotId': (string);
}
