// Original file: proto/limiquantix/node/v1/node_daemon.proto


/**
 * A directory of a storage pool.
 */
export interface ListStoragePoolFilesRequest {
  /**
   * The pool.
   */
  'poolId'?: (string);
  /**
   * The directory, by its path in the pool; empty means the pool's own.
   */
  'path'?: (string);
}

/**
 * A directory of a storage pool.
 */
export interface ListStoragePoolFilesRequest__Output {
  /**
   * The pool.
   */
  'poolId': (string);
  /**
   * The directory, by its path in the pool; empty means the pool's own.
   */
  'path': (string);
}
