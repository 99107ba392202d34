// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * File systems to be frozen.
 */
export interface QuiesceFilesystemsRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * Where they are mounted; empty means all that can be written to.
   */
  'mountPoints'?: (string)[];
  /**
   * After how long they are thawed in any case, in seconds; 0 means 60.
   */
  'timeoutSeconds'?: (number);
  /**
   * Whether the guest's scripts are run before.
   */
  'runPreFreezeScripts'?: (boolean);
}

/**
 * File systems to be frozen.
 */
export interface QuiesceFilesystemsRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * Where they are mounted; empty means all that can be written to.
   */
  'mountPoints': (string)[];
  /**
   * After how long they are thawed in any case, in seconds; 0 means 60.
   */
  'timeoutSeconds': (number);
  /**
   * Whether the guest's scripts are run before.
   */
  'runPreFreezeScripts': (boolean);
}
