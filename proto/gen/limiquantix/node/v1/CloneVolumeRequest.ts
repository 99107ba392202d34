// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A volume to be copied.
 */
export interface CloneVolumeRequest {
  /**
   * The pool.
   */
  'poolId'?: (string);
  /**
   * The volume in it.
   */
  'sourceVolumeId'?: (string);
  /**
   * The copy.
   */
  'destVolumeId'?: (string);
}

/**
 * A volume to be copied.
 */
export interface CloneVolumeRequest__Output {
  /**
   * The pool.
   */
  'poolId': (string);
  /**
   * The volume in it.
   */
  'sourceVolumeId': (string);
  /**
   * The copy.
   */
  'destVolumeId': (string);
}
