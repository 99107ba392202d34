// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A VM to be stopped.
 */
export interface StopVMRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * How long the guest has to shut down, in seconds; 0 means 60.
   */
  'timeoutSeconds'?: (number);
}

/**
 * A VM to be stopped.
 */
export interface StopVMRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * How long the guest has to shut down, in seconds; 0 means 60.
   */
  'timeoutSeconds': (number);
}
