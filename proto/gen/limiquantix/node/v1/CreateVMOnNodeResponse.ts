// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A VM that was made.
 */
export interface CreateVMOnNodeResponse {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * True when this call made it, false when it was there already.
   */
  'created'?: (boolean);
  /**
   * For people.
   */
  'message'?: (string);
}

/**
 * A VM that was made.
 */
export interface CreateVMOnNodeResponse__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * True when this call made it, false when it was there already.
   */
  'created': (boolean);
  /**
   * For people.
   */
  'message': (string);
}
