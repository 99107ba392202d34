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
   * After how long they are thawed in any case, in seconds, at most 600, from when the request comes; 0 means 60.
   */
  'timeoutSeconds'?: (number);
  /**
   * Whether the guest's scripts in /etc/quantix/pre-freeze.d are run before; they have half of the time.
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
   * After how long they are thawed in any case, in seconds, at most 600, from when the request comes; 0 means 60.
   */
  'timeoutSeconds': (number);
  /**
   * Whether the guest's scripts in /etc/quantix/pre-freeze.d are run before; they have half of the time.
   */
  'runPreFreezeScripts': (boolean);
}
