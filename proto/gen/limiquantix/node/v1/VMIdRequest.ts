// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * Names a VM.
 */
export interface VMIdRequest {
  /**
   * The VM: a UUID.
   */
  'vmId'?: (string);
}

/**
 * Names a VM.
 */
export interface VMIdRequest__Output {
  /**
   * The VM: a UUID.
   */
  'vmId': (string);
}
