// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * Names a storage pool.
 */
export interface StoragePoolIdRequest {
  /**
   * The pool.
   */
  'poolId'?: (string);
}

/**
 * Names a storage pool.
 */
export interface StoragePoolIdRequest__Output {
  /**
   * The pool.
   */
  'poolId': (string);
}
