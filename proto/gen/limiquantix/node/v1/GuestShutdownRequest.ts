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
   * How long it waits before, in seconds.
   */
  'delaySeconds'?: (number);
  /**
   * What its users are told.
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
   * How long it waits before, in seconds.
   */
  'delaySeconds': (number);
  /**
   * What its users are told.
   */
  'message': (string);
}
