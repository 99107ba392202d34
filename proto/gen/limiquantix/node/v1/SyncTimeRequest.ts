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
   * Whether it is set also where it is less than a second off.
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
   * Whether it is set also where it is less than a second off.
   */
  'force': (boolean);
}
