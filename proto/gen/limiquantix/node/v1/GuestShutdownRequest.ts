// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A guest to be shut down by its agent.
 */
export interface GuestShutdownRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * Whether it comes up again.
   */
  'reboot'?: (boolean);
  /**
   * Must be 0: a guest's agent does it at once.
   */
  'delaySeconds'?: (number);
  /**
   * Must be empty: a guest's agent tells nobody.
   */
  'message'?: (string);
}

/**
 * A guest to be shut down by its agent.
 */
export interface GuestShutdownRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * Whether it comes up again.
   */
  'reboot': (boolean);
  /**
   * Must be 0: a guest's agent does it at once.
   */
  'delaySeconds': (number);
  /**
   * Must be empty: a guest's agent tells nobody.
   */
  'message': (string);
}
