// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * What a guest's agent says to a shutdown.
 */
export interface GuestShutdownResponse {
  /**
   * Whether it will do it.
   */
  'accepted'?: (boolean);
  /**
   * Why it will not; empty where it will.
   */
  'error'?: (string);
}

/**
 * What a guest's agent says to a shutdown.
 */
export interface GuestShutdownResponse__Output {
  /**
   * Whether it will do it.
   */
  'accepted': (boolean);
  /**
   * Why it will not; empty where it will.
   */
  'error': (string);
}
