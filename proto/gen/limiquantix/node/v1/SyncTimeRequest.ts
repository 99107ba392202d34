// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A guest's clock to be set.
 */
export interface SyncTimeRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * Whether it is set at once, and not adjusted bit by bit.
   */
  'force'?: (boolean);
}

/**
 * A guest's clock to be set.
 */
export interface SyncTimeRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * Whether it is set at once, and not adjusted bit by bit.
   */
  'force': (boolean);
}
