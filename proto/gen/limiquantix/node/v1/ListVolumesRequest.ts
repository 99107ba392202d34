// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * Names a storage pool whose volumes are wanted.
 */
export interface ListVolumesRequest {
  /**
   * The pool.
   */
  'poolId'?: (string);
}

/**
 * Names a storage pool whose volumes are wanted.
 */
export interface ListVolumesRequest__Output {
  /**
   * The pool.
   */
  'poolId': (string);
}
