// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * File systems to be thawed.
 */
export interface ThawFilesystemsRequest {
  /**
   * The VM.
   */
  'vmId'?: (string);
  /**
   * What they were frozen with.
   */
  'quiesceToken'?: (string);
  /**
   * Where they are mounted; empty means all that were frozen with the token.
   */
  'mountPoints'?: (string)[];
  /**
   * Whether the guest's scripts are run after.
   */
  'runPostThawScripts'?: (boolean);
}

/**
 * File systems to be thawed.
 */
export interface ThawFilesystemsRequest__Output {
  /**
   * The VM.
   */
  'vmId': (string);
  /**
   * What they were frozen with.
   */
  'quiesceToken': (string);
  /**
   * Where they are mounted; empty means all that were frozen with the token.
   */
  'mountPoints': (string)[];
  /**
   * Whether the guest's scripts are run after.
   */
  'runPostThawScripts': (boolean);
}
