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
   * Empty: a guest's agent thaws all that it has frozen, or nothing.
   */
  'mountPoints'?: (string)[];
  /**
   * Whether the guest's scripts in /etc/quantix/post-thaw.d are run after.
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
   * Empty: a guest's agent thaws all that it has frozen, or nothing.
   */
  'mountPoints': (string)[];
  /**
   * Whether the guest's scripts in /etc/quantix/post-thaw.d are run after.
   */
  'runPostThawScripts': (boolean);
}
