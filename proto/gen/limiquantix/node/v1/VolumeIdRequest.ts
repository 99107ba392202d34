// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * Names a volume.
 */
export interface VolumeIdRequest {
  /**
   * The pool.
   */
  'poolId'?: (string);
  /**
   * The volume in it.
   */
  'volumeId'?: (string);
}

/**
 * Names a volume.
 */
export interface VolumeIdRequest__Output {
  /**
   * The pool.
   */
  'poolId': (string);
  /**
   * The volume in it.
   */
  'volumeId': (string);
}
